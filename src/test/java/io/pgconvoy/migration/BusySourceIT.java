package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A source that its clients go on writing to while it is moved. */
class BusySourceIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Transport.class)
    void countsAndRowsAreOfOneSnapshot(Transport transport) throws Exception {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE DATABASE busy");
            source.sql(
                    "busy",
                    "CREATE TABLE invoice (id serial PRIMARY KEY, filler text)",
                    "CREATE TABLE line (invoice_id integer NOT NULL, filler text)",
                    "CREATE TABLE journal (id serial PRIMARY KEY)",
                    "INSERT INTO invoice (filler) SELECT repeat('x', 100) FROM generate_series(1, 50000)",
                    "INSERT INTO line SELECT id, 'l' FROM invoice, generate_series(1, 2)");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong written = new AtomicLong();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(source, stop, written));
            Move.Moved moved;
            try {
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> written.get() > 10 || writer.isDone());

                moved = new Move(source, target, folder).by(transport).run("--dump-jobs=2", "--verify=checksum");
            } finally {
                stop.set(true);
            }
            writer.get(30, TimeUnit.SECONDS);

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.database("busy").get("outcome").asText()).isEqualTo("complete");
            assertThat(moved.texts("warnings"))
                    .singleElement()
                    .asString()
                    .matches(
                            "database \"busy\" was written to on the source after its snapshot of .*, and these changes are"
                                    + " not on the target: [1-9]\\d* rows inserted, 0 updated, 0 deleted, as the server counts, in 3"
                                    + " tables \\(public\\.line \\d+, public\\..*");
            long invoices = count(target, "invoice");
            assertThat(invoices).isGreaterThan(50_000).isLessThan(count(source, "invoice"));
            assertThat(count(target, "line"))
                    .as("each transaction arrived as a whole or not at all")
                    .isEqualTo(2 * invoices);
            assertThat(count(target, "journal")).isEqualTo(invoices - 50_000);
            assertThat(moved.database("busy").get("rows").asLong()).isEqualTo(4 * invoices - 50_000);
        }
    }

    /** One invoice with two lines and a note of it, at a time. */
    private static void write(EmbeddedServer source, AtomicBoolean stop, AtomicLong written) {
        try (Connection connection = source.connect("busy");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stop.get() && written.get() < 1_000_000) {
                statement.execute("""
                        WITH made AS (INSERT INTO invoice (filler) VALUES ('new') RETURNING id)
                        INSERT INTO line SELECT id, 'new' FROM made, generate_series(1, 2)
                        """);
                statement.execute("INSERT INTO journal DEFAULT VALUES");
                connection.commit();
                written.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long count(EmbeddedServer server, String table) throws SQLException {
        return Long.parseLong(server.value("busy", "SELECT count(*) FROM " + table));
    }
}
