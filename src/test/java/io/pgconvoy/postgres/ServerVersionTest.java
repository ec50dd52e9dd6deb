package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerVersionTest {
    @ParameterizedTest
    @CsvSource({
        "90500,  9.5.0,   9.5, 905",
        "90624,  9.6.24,  9.6, 906",
        "100000, 10.0,    10,  1000",
        "150018, 15.18,   15,  1500",
        "180006, 18.6,    18,  1800",
    })
    void isWrittenAsPeopleDo(int number, String text, String majorText, int major) {
        ServerVersion version = new ServerVersion(number);

        assertThat(version).hasToString(text);
        assertThat(version.majorText()).isEqualTo(majorText);
        assertThat(version.major()).isEqualTo(major);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pg_dump (PostgreSQL) 9.5.25                             | 90525",
                "pg_dump (PostgreSQL) 9.6.24                             | 90624",
                "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)     | 150018",
                "pg_dump (PostgreSQL) 18.6 (Debian 18.6-3.pgdg12+1)      | 180006",
                "pg_dump (PostgreSQL) 19beta1                            | 190000",
                "pg_dump (PostgreSQL) 19devel                            | 190000",
            })
    void readsWhatAToolSaysOfItself(String output, int number) {
        assertThat(ServerVersion.ofToolOutput(output).number()).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pg_dump", "bash 5.2", "pg_dump (PostgreSQL) devel"})
    void refusesOutputWithoutAVersion(String output) {
        assertThatThrownBy(() -> ServerVersion.ofToolOutput(output)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ordersVersionsAcrossTheChangeOfScheme() {
        assertThat(ServerVersion.V9_6).isLessThan(ServerVersion.V10).isGreaterThan(ServerVersion.V9_5);
        assertThat(new ServerVersion(90624).isAtLeast(ServerVersion.V9_6)).isTrue();
        assertThat(new ServerVersion(90624).isAtLeast(ServerVersion.V10)).isFalse();
    }
}
