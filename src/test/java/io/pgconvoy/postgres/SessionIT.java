package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.testing.EmbeddedServer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("18");

    @Test
    void readsValuesArraysAndNulls() {
        try (Session session = SERVER.session("postgres")) {
            assertThat(session.text("SELECT 'a'")).contains("a");
            assertThat(session.text("SELECT NULL::text")).isEmpty();
            assertThat(session.text("SELECT 'a' WHERE false")).isEmpty();
            assertThat(session.texts("VALUES ('a'), (NULL), ('b')")).containsExactly("a", "b");
            assertThat(session.number("SELECT 3000000000")).isEqualTo(3_000_000_000L);
            assertThat(session.number("SELECT NULL::bigint")).isZero();
            assertThat(session.flag("SELECT true")).isTrue();
            assertThat(session.flag("SELECT NULL::boolean")).isFalse();
            assertThat(session.first("SELECT ARRAY['a', NULL]", row -> row.texts(1)))
                    .contains(Arrays.asList("a", null));
            assertThat(session.first("SELECT ARRAY[1, 2]", row -> row.numbers(1)))
                    .contains(List.of(1L, 2L));
            assertThat(session.first("SELECT NULL::text[]", row -> row.texts(1)))
                    .contains(List.of());
            assertThat(session.first("SELECT NULL::int AS a, 7 AS b", row -> List.of(row.number("a"), row.number("b"))))
                    .contains(List.of(Optional.empty(), Optional.of(7L)));
        }
    }

    @Test
    void takesParametersAndLeavesSqlWithoutThemAsItIs() {
        try (Session session = SERVER.session("postgres")) {
            assertThat(session.texts(
                            "SELECT t FROM unnest(?) AS t WHERE t = ANY (?) ORDER BY t",
                            List.of("a", "b", "c"),
                            List.of("c", "a")))
                    .containsExactly("a", "c");
            assertThat(session.number("SELECT sum(n) FROM unnest(?) AS n", (Object) new Long[] {1L, 2L}))
                    .isEqualTo(3);
            assertThat(session.flag("SELECT '{\"a\": 1}'::jsonb ? 'a'")).isTrue();
            assertThat(session.text("SELECT '{fn now()} {d x}'")).contains("{fn now()} {d x}");
        }
    }

    @Test
    void failsWithServerDatabaseAndWhatWasBeingDone() {
        try (Session session = SERVER.session("postgres").doing("dividing")) {
            assertThatThrownBy(() -> session.number("SELECT 1 / 0"))
                    .isInstanceOfSatisfying(SqlFailure.class, failure -> {
                        assertThat(failure)
                                .hasMessage(session.server().label() + ", database \"postgres\": dividing failed: "
                                        + failure.reason());
                        assertThat(failure.state()).isEqualTo("22012");
                        assertThat(failure.reason()).contains("division by zero");
                        assertThat(failure.words()).isEqualTo("division by zero");
                        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE);
                    });
            assertThat(session.number("SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void rollsBackWhatFailedAndThrowsTheCause() {
        IllegalStateException cause = new IllegalStateException("no");
        try (Session session = SERVER.session("postgres")) {
            session.execute("CREATE TEMPORARY TABLE t (a int)");

            assertThatThrownBy(() -> session.committed(transaction -> {
                        transaction.execute("INSERT INTO t VALUES (1)");
                        throw cause;
                    }))
                    .isSameAs(cause);
            assertThat(session.isInTransaction()).isFalse();
            assertThat(session.number("SELECT count(*) FROM t")).isZero();

            session.rolledBack(transaction -> transaction.execute("INSERT INTO t VALUES (1)"));
            assertThat(session.number("SELECT count(*) FROM t")).isZero();

            assertThat(session.<Long>committed(transaction -> transaction.execute("INSERT INTO t VALUES (?), (2)", 1)))
                    .isEqualTo(2);
            assertThat(session.number("SELECT count(*) FROM t")).isEqualTo(2);
        }
    }
}
