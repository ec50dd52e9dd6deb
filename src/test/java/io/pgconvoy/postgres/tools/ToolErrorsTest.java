package io.pgconvoy.postgres.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToolErrorsTest {
    @Test
    void prefersTheFirstErrorToWhatFollowsFromIt() {
        assertThat(ToolErrors.lastError(List.of(
                        "pg_dump: last built-in OID is 16383",
                        "pg_dump: error: Dumping the contents of table \"t\" failed: PQgetResult() failed.",
                        "pg_dump: detail: Error message from server: ERROR:  permission denied",
                        "pg_dump: error: a worker process died unexpectedly")))
                .isEqualTo("pg_dump: error: Dumping the contents of table \"t\" failed: PQgetResult() failed.");
    }

    @Test
    void takesTheLastLineWhereNoneIsAnError() {
        assertThat(ToolErrors.lastError(List.of("sh: line 1", "Killed", ""))).isEqualTo("Killed");
        assertThat(ToolErrors.lastError(List.of(""))).isEqualTo("it said nothing");
        assertThat(ToolErrors.lastError(List.of())).isEqualTo("it said nothing");
    }

    @Test
    void namesTheReasonThatPgDumpLosesWhereTheDiskIsFull() {
        assertThat(ToolErrors.lastError(List.of("pg_dump:pg_dump: error: could not close data file: Success")))
                .isEqualTo("pg_dump:pg_dump: error: could not close data file: Success"
                        + " (which most often means: No space left on device)");
    }
}
