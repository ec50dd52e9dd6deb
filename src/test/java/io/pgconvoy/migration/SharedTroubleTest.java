package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.tools.ToolFailure;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedTroubleTest {
    @Test
    void tellsAFullDiskByWhoSaysSo() {
        assertThat(trouble(ErrorKind.JOURNAL, "cannot write /s/a.json", new IOException("No space left on device")))
                .contains(SharedTrouble.STATE_DISK_FULL);
        assertThat(trouble(ErrorKind.JOURNAL, "cannot write /s/a.json", new IOException("Disk quota exceeded")))
                .contains(SharedTrouble.STATE_DISK_FULL);
        assertThat(trouble(ErrorKind.JOURNAL, "--dump-root: cannot write /d/1.dat: no space left on device", null))
                .contains(SharedTrouble.DUMP_DISK_FULL);
        assertThat(trouble(
                        ErrorKind.SOURCE,
                        "pg_dump failed",
                        tool("pg_dump: error: could not write to file: No space left on device")))
                .contains(SharedTrouble.DUMP_DISK_FULL);
        assertThat(trouble(
                        ErrorKind.TARGET,
                        "pg_restore reported 1 error",
                        tool("ERROR: could not extend file \"base/5/1\": No space left on device")))
                .contains(SharedTrouble.TARGET_DISK_FULL);
        assertThat(trouble(
                        ErrorKind.SOURCE,
                        "pg_dump failed",
                        tool("pg_dump: detail: Error message from server: ERROR:  could not write to file"
                                + " \"base/pgsql_tmp/1\": No space left on device")))
                .as("one database's query on the source")
                .isEmpty();
    }

    @Test
    void tellsALostServerFromWhatIsTheDatabasesOwn() {
        assertThat(trouble(ErrorKind.SOURCE, "counting failed", new SQLException("refused", "08001")))
                .contains(SharedTrouble.SOURCE_GONE);
        assertThat(trouble(ErrorKind.TARGET, "verifying failed", new SQLException("shutting down", "57P01")))
                .contains(SharedTrouble.TARGET_GONE);
        assertThat(trouble(
                        ErrorKind.TARGET,
                        "pg_restore failed",
                        tool("pg_restore: error: server closed the connection unexpectedly")))
                .contains(SharedTrouble.TARGET_GONE);
        assertThat(trouble(ErrorKind.TARGET, "creating failed", new SQLException("no such type", "42704")))
                .isEmpty();
        assertThat(trouble(ErrorKind.TARGET, "creating failed", new SQLException("password", "28P01")))
                .isEmpty();
        assertThat(trouble(ErrorKind.TARGET, "creating failed", new SQLException("slots", "53300")))
                .isEmpty();
    }

    @Test
    void severalFailuresHaveATroubleOnlyInCommon() {
        PgconvoyException lost =
                new PgconvoyException(ErrorKind.TARGET, "lost", "", new SQLException("refused", "08006"));
        PgconvoyException own = new PgconvoyException(ErrorKind.TARGET, "no such type", "");
        assertThat(SharedTrouble.of(PgconvoyException.of(ErrorKind.TARGET, List.of(lost, lost))))
                .contains(SharedTrouble.TARGET_GONE);
        assertThat(SharedTrouble.of(PgconvoyException.of(ErrorKind.TARGET, List.of(lost, own))))
                .isEmpty();
    }

    private static Optional<SharedTrouble> trouble(ErrorKind kind, String message, Throwable cause) {
        return SharedTrouble.of(new PgconvoyException(kind, message, "", cause));
    }

    private static ToolFailure tool(String line) {
        return new ToolFailure(List.of(line));
    }
}
