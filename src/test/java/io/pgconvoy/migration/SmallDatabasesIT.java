package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What databases cost that hold next to nothing. */
class SmallDatabasesIT {
    private static final Duration STATISTICS = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    /** On the source those of the checks, the snapshot and pg_dump; on the target pg_restore's, and one for all the rest. */
    @Test
    void eachHasThreeSessionsOnTheSourceAndTwoOnTheTarget() throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE DATABASE small");
            source.sql(
                    "small",
                    "CREATE TABLE a (id serial PRIMARY KEY)",
                    "CREATE TABLE b (id integer PRIMARY KEY REFERENCES a)",
                    "INSERT INTO a SELECT FROM generate_series(1, 100)",
                    "INSERT INTO b SELECT id FROM a");
            long before = sessions(source);

            Move.Moved moved = new Move(source, target, folder).run();

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            await().atMost(STATISTICS).untilAsserted(() -> {
                assertThat(sessions(source) - before).isEqualTo(3);
                assertThat(sessions(target)).isEqualTo(2);
            });
        }
    }

    private static long sessions(EmbeddedServer server) throws SQLException {
        return Long.parseLong(
                server.value("postgres", "SELECT sessions FROM pg_stat_database WHERE datname = 'small'"));
    }
}
