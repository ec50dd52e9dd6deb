package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients at work while deferred tables are moved: on the target from the message on, on the source all the time. */
class DeferredClientsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ROWS = 20_000;
    private static final String KEPT_SETTINGS = """
            SELECT name || '=' || setting FROM pg_settings
             WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
            """;

    @TempDir
    private Path folder;

    @Test
    void nothingThatClientsWriteIsLost() throws Exception {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (EmbeddedServer target = EmbeddedServer.start("18");
                TestDatabases databases = TestDatabases.on(source)) {
            String shop = databases.create("shop");
            String other = databases.create("gate");
            source.sql(
                    shop,
                    "CREATE TABLE customer (id serial PRIMARY KEY)",
                    "INSERT INTO customer SELECT nextval('customer_id_seq') FROM generate_series(1, 100)",
                    "CREATE TABLE event (id bigserial PRIMARY KEY, customer_id integer REFERENCES customer, filler text)",
                    "INSERT INTO event (customer_id, filler) SELECT i % 100 + 1, repeat('x', 150) FROM generate_series(1, "
                            + ROWS + ") i",
                    "CREATE INDEX event_customer ON event (customer_id)",
                    "CREATE INDEX event_filler ON event (filler, id)",
                    "CREATE TABLE note (event_id bigint REFERENCES event)",
                    "CREATE TABLE audit (id bigint)",
                    "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN INSERT INTO audit VALUES (NEW.id); RETURN NULL; END'",
                    "CREATE TRIGGER audit AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION audit()",
                    "CREATE MATERIALIZED VIEW totals AS SELECT customer_id, count(*) AS n FROM event GROUP BY 1");
            source.sql(other, "CREATE TABLE gate (i integer)");
            List<String> settings = target.column("postgres", KEPT_SETTINGS);
            Queue<Long> written = new ConcurrentLinkedQueue<>();
            AtomicBoolean stop = new AtomicBoolean();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            Move move = new Move(source, target, folder);
            Gate dump = Gate.beforeDump(source, other, "gate");
            PgconvoyProcess.Result result;
            try (dump;
                    PgconvoyProcess pgconvoy = move.start(
                            "--include-db=" + shop,
                            "--include-db=" + other,
                            "--max-parallel=2",
                            "--delay-table-data=" + shop + ".event",
                            "--part-size=1MB",
                            "--concurrent-index-builds")) {
                pgconvoy.awaitLine("database \"" + shop + "\" is open for clients; 1 table follows", PATIENCE);
                assertThat(target.column("postgres", KEPT_SETTINGS)).isEqualTo(settings);
                isOpen(target, shop);
                for (int i = 0; i < 3; i++) {
                    clients.add(CompletableFuture.runAsync(() -> write(target, shop, stop, written)));
                }
                Awaitility.await().atMost(PATIENCE).until(() -> written.size() > 30 || anyDone(clients));
                try (Gate refresh = Gate.beforeRefresh(target, shop, "totals")) {
                    dump.close();
                    pgconvoy.awaitLine(shop + ": refresh materialized views", PATIENCE);
                    assertThat(target.column("postgres", KEPT_SETTINGS)).isEqualTo(settings);
                    target.sql(
                            shop,
                            "UPDATE event SET filler = 'changed' WHERE id BETWEEN 101 AND 105",
                            "DELETE FROM event WHERE id BETWEEN 201 AND 203");
                }
                result = pgconvoy.await(PATIENCE);
            } finally {
                stop.set(true);
            }
            for (CompletableFuture<Void> client : clients) {
                client.get(30, TimeUnit.SECONDS);
            }

            String output = result.stdout() + result.stderr();
            assertThat(result.exitCode()).as(output).isZero();
            assertThat(output).contains("of " + ROWS + " loaded rows 8 are no longer as they were loaded");
            assertThat(target.column(shop, "SELECT id FROM event WHERE filler = 'client' ORDER BY 1"))
                    .containsExactlyElementsOf(
                            written.stream().sorted().map(String::valueOf).toList());
            assertThat(target.column(shop, "SELECT id FROM audit ORDER BY 1"))
                    .as("the trigger fired once for each row of the clients', and for none of the load")
                    .containsExactlyElementsOf(
                            written.stream().sorted().map(String::valueOf).toList());
            assertThat(target.value(shop, "SELECT count(*) FROM note")).isEqualTo("" + written.size());
            assertThat(target.value(shop, "SELECT count(*) FROM customer")).isEqualTo("" + (100 + written.size()));
            assertThat(target.value(shop, "SELECT count(*) FROM event WHERE filler <> 'client'"))
                    .isEqualTo("" + (ROWS - 3));
            assertThat(target.value(shop, "SELECT count(*) FROM event WHERE filler = 'changed'"))
                    .isEqualTo("5");
            assertThat(target.column(shop, "SELECT conname FROM pg_constraint WHERE NOT convalidated"))
                    .isEmpty();
            assertThat(target.column(shop, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
                    .isEmpty();
            assertThat(target.column(
                            shop, "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'event'::regclass"))
                    .containsExactlyInAnyOrder("event_pkey", "event_customer", "event_filler");
        }
    }

    /** Constraints hold from the beginning, and what is missing is missing. */
    private static void isOpen(EmbeddedServer target, String shop) throws SQLException {
        assertThat(target.value(shop, "SELECT count(*) FROM event")).isEqualTo("0");
        assertThat(target.value(shop, "SELECT last_value FROM event_id_seq")).isEqualTo("" + ROWS);
        assertThat(target.column(shop, "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'event'::regclass"))
                .containsExactly("event_pkey");
        assertThatThrownBy(() -> target.sql(shop, "INSERT INTO event (customer_id) VALUES (-1)"))
                .hasMessageContaining("event_customer_id_fkey");
        assertThatThrownBy(() -> target.sql(shop, "INSERT INTO note VALUES (-1)"))
                .hasMessageContaining("note_event_id_fkey");
    }

    private static boolean anyDone(List<CompletableFuture<Void>> clients) {
        return clients.stream().anyMatch(CompletableFuture::isDone);
    }

    /** One event of a new customer with a note of it, at a time. */
    private static void write(EmbeddedServer target, String shop, AtomicBoolean stop, Queue<Long> written) {
        try (Connection connection = target.connect(shop);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stop.get() && written.size() < 200_000) {
                long id;
                try (ResultSet row = statement.executeQuery("""
                        WITH made AS (INSERT INTO customer DEFAULT VALUES RETURNING id)
                        INSERT INTO event (customer_id, filler) SELECT 1 + id % 100, 'client' FROM made RETURNING id
                        """)) {
                    row.next();
                    id = row.getLong(1);
                }
                statement.execute("INSERT INTO note VALUES (" + id + ")");
                connection.commit();
                written.add(id);
                Thread.sleep(2);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Quickly, one database at a time: the deferred tables are exact and of one snapshot all the same. */
    @Test
    void manyDatabasesAreOfOneSnapshotEach() throws Exception {
        EmbeddedServer source = EmbeddedServer.shared("9.6");
        EmbeddedServer target = EmbeddedServer.shared("18");
        try (TestDatabases databases = TestDatabases.on(source);
                TestDatabases arrived = TestDatabases.on(target)) {
            List<String> big = new ArrayList<>();
            List<String> options = new ArrayList<>(List.of(
                    "--max-parallel=1",
                    "--fast-verify",
                    "--no-analyze",
                    "--delay-larger-than=1MB",
                    "--part-size=1MB",
                    "--migrate-globals=false"));
            for (int i = 0; i < 5; i++) {
                String name = arrived.alsoDrop(databases.create("many"));
                options.add("--include-db=" + name);
                source.sql(
                        name,
                        "CREATE TABLE small (id serial PRIMARY KEY)",
                        "INSERT INTO small SELECT nextval('small_id_seq') FROM generate_series(1, " + ROWS + ")");
                if (i % 2 == 0) {
                    big.add(name);
                    source.sql(
                            name,
                            "CREATE TABLE big (id serial PRIMARY KEY, filler text)",
                            "INSERT INTO big (filler) SELECT repeat('y', 100) FROM generate_series(1, " + ROWS + ")",
                            "CREATE INDEX ON big (filler)",
                            "ANALYZE");
                }
            }
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong transactions = new AtomicLong();
            CompletableFuture<Void> writer =
                    CompletableFuture.runAsync(() -> writeToBoth(source, big.get(0), stop, transactions));
            Move.Moved moved;
            try {
                Awaitility.await().atMost(PATIENCE).until(() -> transactions.get() > 10 || writer.isDone());

                moved = new Move(source, target, folder).run(options.toArray(String[]::new));
            } finally {
                stop.set(true);
            }
            writer.get(30, TimeUnit.SECONDS);

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            Instant firstLoad = Instant.MAX;
            Instant lastOpened = Instant.MIN;
            for (String name : big) {
                JsonNode deferred = moved.database(name).get("deferred");
                Instant load =
                        Instant.parse(deferred.get("load").get("started_at").asText());
                Instant opened = Instant.parse(deferred.get("opened_at").asText());
                firstLoad = load.isBefore(firstLoad) ? load : firstLoad;
                lastOpened = opened.isAfter(lastOpened) ? opened : lastOpened;
                assertThat(moved.output()).contains("database \"" + name + "\" is open for clients; 1 table follows");
                assertThat(target.value(name, "SELECT count(*) FROM big"))
                        .as("each transaction arrived as a whole or not at all")
                        .isEqualTo(target.value(name, "SELECT count(*) FROM small"));
            }
            assertThat(lastOpened).as("all are open before the first load").isBeforeOrEqualTo(firstLoad);
            assertThat(Long.parseLong(target.value(big.get(0), "SELECT count(*) FROM big")))
                    .isGreaterThan(ROWS)
                    .isLessThan(Long.parseLong(source.value(big.get(0), "SELECT count(*) FROM big")));
            assertThat(Contents.of(target, big.get(1))).containsExactlyEntriesOf(Contents.of(source, big.get(1)));
            assertThat(target.value(big.get(1), "SELECT count(*) FROM pg_stats WHERE tablename = 'big'"))
                    .as("not analyzed")
                    .isEqualTo("0");
        }
    }

    /** A row for the regular table and one for the deferred one, at a time. */
    private static void writeToBoth(EmbeddedServer source, String database, AtomicBoolean stop, AtomicLong written) {
        try (Connection connection = source.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stop.get() && written.get() < 1_000_000) {
                statement.execute("INSERT INTO big (filler) VALUES ('new')");
                statement.execute("INSERT INTO small DEFAULT VALUES");
                connection.commit();
                written.incrementAndGet();
                Thread.sleep(1);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
