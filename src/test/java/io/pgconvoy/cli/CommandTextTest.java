package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTextTest {
    @Test
    void canBeTypedAgain() {
        assertThat(CommandText.of(
                        List.of("migrate", "--from-port=5433", "--include-db", "it's *", "--from-pass-file", "f")))
                .isEqualTo("pgconvoy migrate --from-port=5433 --include-db 'it'\\''s *' --from-pass-file f");
    }

    @ParameterizedTest
    @CsvSource({
        "migrate --from-pass SESAME",
        "migrate --to-pass=SESAME",
        "migrate --from postgresql://app:SESAME@db1/shop",
        "migrate --to=postgresql://app:SESAME@db1",
    })
    void holdsNoPassword(String line) {
        assertThat(CommandText.of(List.of(line.split(" ")))).isEqualTo("the same command again");
    }

    @Test
    void isReferredToWhereItIsLong() {
        assertThat(CommandText.of(Collections.nCopies(100, "--include-db=shop")))
                .isEqualTo("the same command again");
    }
}
