package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlStateTest {
    @ParameterizedTest
    @CsvSource({
        "08006, true,  false",
        "08001, true,  false",
        "57P01, true,  false",
        "57P03, true,  false",
        "40001, true,  false",
        "40P01, true,  false",
        "53300, true,  false",
        "28P01, false, true",
        "28000, false, true",
        "08004, false, true",
        "3D000, false, false",
        "42501, false, false",
        "57014, false, false",
        ",      false, false",
    })
    void decidesAboutAnotherTryByClass(String state, boolean isTransient, boolean authentication) {
        SQLException failure = new SQLException("", state);

        assertThat(SqlState.isTransient(failure)).isEqualTo(isTransient);
        assertThat(SqlState.isAuthentication(failure)).isEqualTo(authentication);
        assertThat(SqlState.isBrokenOff(failure)).isEqualTo(isTransient || "57014".equals(state));
    }

    @Test
    void looksForProcessesAndSessionsOfOthersInTheWholeMessage() {
        SQLException worker = new SQLException("ERROR: unexpected data\n  Where: parallel worker", "XX000");
        SQLException update = new SQLException("ERROR: failed\n  Detail: tuple concurrently updated", "XX000");

        assertThat(SqlState.isTransient(worker)).isTrue();
        assertThat(SqlState.isConcurrentUpdate(worker)).isFalse();
        assertThat(SqlState.isConcurrentUpdate(update)).isTrue();
        assertThat(SqlState.isTransient(update)).isFalse();
        assertThat(SqlState.reason(worker)).isEqualTo("ERROR: unexpected data");
    }
}
