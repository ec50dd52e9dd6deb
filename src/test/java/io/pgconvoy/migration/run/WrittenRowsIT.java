package io.pgconvoy.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which databases nobody has written to since. */
@Timeout(120)
class WrittenRowsIT {
    private static final Duration STATISTICS = Duration.ofSeconds(30);

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void tellsWhereNothingWasWritten(String version) throws SQLException {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(embedded)) {
            String written = databases.create("written");
            String idle = databases.create("idle");
            embedded.sql(written, "CREATE TABLE t (a integer)");
            Server server = Server.connect(embedded.endpoint(Side.SOURCE), "pgconvoy test");
            WrittenRows rows = new WrittenRows();
            assertThat(rows.untouched(server)).isEmpty();
            long busy = oid(embedded, written);
            long quiet = oid(embedded, idle);

            // Until what made the table is counted.
            await().atMost(STATISTICS).untilAsserted(() -> {
                remember(rows, server, written);
                remember(rows, server, idle);
                Thread.sleep(1500);
                assertThat(rows.untouched(server)).containsExactlyInAnyOrder(busy, quiet);
            });

            embedded.sql(written, "INSERT INTO t VALUES (1)");
            await().atMost(STATISTICS)
                    .untilAsserted(() -> assertThat(rows.untouched(server)).containsExactly(quiet));
        }
    }

    private static void remember(WrittenRows rows, Server server, String database) {
        try (Session session = server.session(new DatabaseName(database), "test")) {
            rows.remember(session);
        }
    }

    private static long oid(EmbeddedServer server, String database) throws SQLException {
        return Long.parseLong(
                server.value("postgres", "SELECT oid FROM pg_database WHERE datname = '" + database + "'"));
    }
}
