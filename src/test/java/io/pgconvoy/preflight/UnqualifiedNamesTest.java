package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.preflight.removed.UnqualifiedNames;
import org.junit.jupiter.api.Test;

class UnqualifiedNamesTest {
    @Test
    void readsNamesByWhatStandsBesideThem() {
        UnqualifiedNames names = UnqualifiedNames.in("""
                DECLARE r orders%ROWTYPE; c clients.name%TYPE;
                BEGIN
                    SELECT x::mood, total (y) FROM ONLY "Big ""Table" JOIN other o USING (id);
                    UPDATE Stock SET n = 1;
                END
                """);

        assertThat(names.relations()).contains("orders", "clients", "Big \"Table", "other", "stock");
        assertThat(names.functions()).contains("total");
        assertThat(names.types()).containsExactly("mood");
    }

    @Test
    void passesOverSchemasCommentsAndStrings() {
        UnqualifiedNames names = UnqualifiedNames.in("""
                SELECT s.f(1), "S"."F"(2), x::s.mood, 'FROM t, f(1), it''s f(2)' -- FROM t
                /* f(3)
                   FROM t */ FROM s.t JOIN s . u
                """);

        assertThat(names.relations()).isEmpty();
        assertThat(names.functions()).isEmpty();
        assertThat(names.types()).isEmpty();
    }
}
