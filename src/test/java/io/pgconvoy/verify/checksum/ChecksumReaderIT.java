package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.rows.TableChanges;
import io.pgconvoy.verify.rows.TableRowsReader;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumReaderIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void seesWhatASnapshotSees(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            server.sql(database, "CREATE TABLE busy AS SELECT generate_series(1, 100) AS id");
            List<TableRows> before = checksums.of(database);
            try (SnapshotHolder holder = SnapshotHolder.open(checksums.pools().server(), new DatabaseName(database))) {
                server.sql(
                        database,
                        "UPDATE busy SET id = 0 WHERE id = 50",
                        "INSERT INTO busy VALUES (101)",
                        "CREATE TABLE later ()");

                assertThat(checksums.of(database, Optional.of(holder))).isEqualTo(before);
            }
            assertThat(checksums.of(database)).hasSize(2).doesNotContainAnyElementsOf(before);
        }
    }

    /** As with earthdistance before 1.2: what the planner puts in place of the function has unqualified names. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void readsTablesWhoseIndexesAndStatisticsNeedASearchPath(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            server.sql(database, "CREATE TABLE spots (id int PRIMARY KEY, kind regclass)");
            server.sql(database, "INSERT INTO spots SELECT i, 'pg_class' FROM generate_series(1, 1000) i");
            server.sql(database, "INSERT INTO spots VALUES (1001, 'spots')");
            List<TableRows> before = checksums.of(database);
            server.sql(
                    database,
                    "CREATE SCHEMA \"Own\"",
                    "CREATE FUNCTION \"Own\".inner_one(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + 1'",
                    "SET search_path = \"Own\"; CREATE FUNCTION outer_one(a int) RETURNS int LANGUAGE sql IMMUTABLE"
                            + " AS 'SELECT inner_one(a)'",
                    version.equals("18")
                            ? "CREATE STATISTICS s ON (\"Own\".outer_one(id)), kind FROM public.spots"
                            : "SET search_path = \"Own\"; CREATE INDEX ON public.spots (outer_one(id), kind)");

            assertThat(checksums.of(database))
                    .as("regclass prints as under our own path")
                    .isEqualTo(before);
            List<TableRows> counts = new TableRowsReader(checksums.transactions(), VerifyLevel.COUNT)
                    .read(new DatabaseName(database), Optional.empty(), table -> true, done -> {});
            assertThat(counts)
                    .singleElement()
                    .satisfies(table -> assertThat(table.rows()).contains(1001L));
            try (Session session = checksums.pools().server().session(new DatabaseName(database), "test")) {
                assertThat(TableChanges.since(session, TableChanges.now(session), counts))
                        .isEmpty();
                if (!version.equals("18")) {
                    UserRows.analyze(session, "public.spots");
                }
                assertThat(session.number("SELECT 1"))
                        .as("the session is as it was")
                        .isEqualTo(1);
            }
        }
    }

    /** The whole, and the parts together, rows with long values among them, with and without ranges of ctid. */
    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void sumsUpTheParts(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            server.sql(
                    database,
                    "CREATE TABLE big (id int, filler text)",
                    "INSERT INTO big SELECT i, repeat(md5(i::text), 1 + i % 4) FROM generate_series(1, 20000) i",
                    "INSERT INTO big SELECT i, string_agg(md5(j::text), '') FROM generate_series(1, 20) i,"
                            + " generate_series(1, 1000) j GROUP BY i",
                    "DELETE FROM big WHERE id % 5000 < 2000",
                    "CREATE TABLE small (id int)",
                    "CREATE TABLE columnless ()",
                    "INSERT INTO columnless SELECT FROM generate_series(1, 30000)");
            List<Long> done = new ArrayList<>();
            ChecksumReader reader = new ChecksumReader(checksums.transactions(), new ByteSize(100_000));

            List<TableRows> inParts =
                    reader.read(new DatabaseName(database), Optional.empty(), table -> true, finished -> {
                        synchronized (done) {
                            done.add(finished);
                        }
                    });

            assertThat(inParts).isEqualTo(checksums.of(database));
            assertThat(inParts).extracting(table -> table.rows().orElseThrow()).contains(0L, 30000L);
            assertThat(done).last().isEqualTo(3L);
        }
    }

    /** Part of an extension's configuration table is the extension's own, and made anew by it. */
    @Test
    void leavesOutWhatIsNotCarriedOver() throws Exception {
        EmbeddedServer server = EmbeddedServer.shared("18");
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server)) {
            String database = databases.create();
            server.sql(
                    database,
                    "CREATE TABLE conf (a int, builtin boolean)",
                    "INSERT INTO conf VALUES (1, true), (2, false)",
                    "UPDATE pg_extension SET extconfig = ARRAY['conf'::regclass::oid],"
                            + " extcondition = ARRAY['WHERE NOT builtin'] WHERE extname = 'plpgsql'");
            TableRows before = checksums.of(database).get(0);

            server.sql(database, "UPDATE conf SET a = 7 WHERE builtin");
            assertThat(checksums.of(database)).containsExactly(before);
            assertThat(before.rows()).contains(1L);

            server.sql(database, "UPDATE conf SET a = 7");
            assertThat(checksums.of(database)).doesNotContain(before);
        }
    }

    @Test
    void endsWhenCancelled() throws Exception {
        EmbeddedServer server = EmbeddedServer.shared("14");
        Cancellation cancellation = new Cancellation();
        try (TestDatabases databases = TestDatabases.on(server);
                Checksums checksums = new Checksums(Side.SOURCE, server, cancellation)) {
            String database = databases.create();
            server.sql(database, "CREATE TABLE locked (a int)");
            try (Connection other = server.connect(database);
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("LOCK TABLE locked");
                CompletableFuture<List<TableRows>> reading =
                        CompletableFuture.supplyAsync(() -> new ChecksumReader(checksums.transactions())
                                .read(new DatabaseName(database), Optional.empty(), table -> true, done -> {}));
                String waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'locked'::regclass";
                await().until(() -> server.value(database, waiting).equals("1"));

                cancellation.cancel();

                assertThatThrownBy(() -> reading.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                PgconvoyException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
                await().until(() -> server.value(database, waiting).equals("0"));
            }
        }
    }
}
