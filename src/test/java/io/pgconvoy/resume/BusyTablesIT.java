package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that somebody alters, truncates or locks while their database is dumped or verified. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BusyTablesIT {
    private static final String BUSY = "busy";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedServer older =
            EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @TempDir
    private Path folder;

    private HeldDump tools;

    @AfterAll
    void stop() {
        older.close();
        source.close();
        target.close();
    }

    @BeforeEach
    void makeTools() {
        tools = new HeldDump(folder.resolve("tools"), BUSY);
    }

    private Scene scene(EmbeddedServer from) throws SQLException {
        from.sql("postgres", "CREATE DATABASE " + BUSY);
        from.sql(
                BUSY,
                "CREATE TABLE item (id int PRIMARY KEY, price int)",
                "INSERT INTO item SELECT i, i FROM generate_series(1, 1000) i",
                "CREATE TABLE wide AS SELECT 7 AS id, 'w'::text AS word",
                "CREATE TABLE other (id int)",
                "INSERT INTO other SELECT generate_series(1, 10)",
                "CREATE VIEW cheap AS SELECT id FROM item WHERE id < 100",
                "CREATE MATERIALIZED VIEW ids AS SELECT id FROM other",
                "CREATE MATERIALIZED VIEW unpopulated AS SELECT id FROM other WITH NO DATA",
                "CREATE VIEW of_ids AS SELECT * FROM ids");
        return new Scene(from, target, folder).withExisting(BUSY);
    }

    private PgconvoyProcess start(Scene scene, String... more) {
        return scene.start(Stream.concat(
                        Stream.of("--pg-bin", tools.folder().toString(), "--disable-dst-optimizations"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private PgconvoyProcess.Result complete(PgconvoyProcess run) {
        PgconvoyProcess.Result result = run.await(PATIENCE);
        assertThat(result.exitCode()).as(result.stderr() + result.stdout()).isZero();
        return result;
    }

    private static CompletableFuture<Void> inBackground(EmbeddedServer server, String sql) {
        return CompletableFuture.runAsync(() -> {
            try {
                server.sql(BUSY, sql);
            } catch (SQLException failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    private static void awaitWaiting(EmbeddedServer server, String condition) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.column(
                                "postgres",
                                "SELECT query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND "
                                        + condition))
                        .isNotEmpty());
    }

    private static void awaitWaitingFor(EmbeddedServer server, String query) {
        awaitWaiting(server, "query LIKE '" + query + "%'");
    }

    private static void awaitWaitingRun(EmbeddedServer server) {
        awaitWaiting(server, "application_name LIKE 'pgconvoy%'");
    }

    private long rows(String table) throws SQLException {
        return Long.parseLong(target.value(BUSY, "SELECT count(*) FROM " + table));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void seesWhatARewritingLeavesThatItWaitsFor(String version) throws Exception {
        EmbeddedServer from = version.equals("14") ? source : older;
        try (Scene scene = scene(from);
                Connection rewriter = from.connect(BUSY);
                Statement statement = rewriter.createStatement()) {
            rewriter.setAutoCommit(false);
            statement.execute("TRUNCATE item");
            statement.execute("ALTER TABLE wide ALTER COLUMN id TYPE bigint");
            try (PgconvoyProcess run = start(scene, "--verify", "checksum")) {
                awaitWaitingRun(from);
                statement.execute("INSERT INTO item SELECT i, i FROM generate_series(1, 1500) i");
                rewriter.commit();

                complete(run);
                assertThat(rows("item")).isEqualTo(1500);
                assertThat(rows("wide")).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void countsWhatItHasDumpedThoughSomebodyWaitsToTruncateIt(String version) throws Exception {
        EmbeddedServer from = version.equals("14") ? source : older;
        try (Scene scene = scene(from)) {
            from.sql(BUSY, "INSERT INTO other SELECT generate_series(11, 15)");
            CompletableFuture<Void> truncate;
            try (Obstacle gate = tools.hold();
                    PgconvoyProcess run = start(scene, "--verify", "checksum")) {
                tools.awaitReached(PATIENCE);
                truncate = inBackground(from, "TRUNCATE item");
                awaitWaitingFor(from, "TRUNCATE");
                gate.close();

                assertThat(complete(run).stdout())
                        .as("a restore refreshes what is stale")
                        .contains(
                                "materialized view public.ids is stale on the source: it has 10 rows on the source and 15");
            }
            truncate.get(60, TimeUnit.SECONDS);
            assertThat(rows("item")).isEqualTo(1000);
            assertThat(from.value(BUSY, "SELECT count(*) FROM item")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void beginsAnewWhereSomebodyAltersATableAsItsDumpBegins(String version) throws Exception {
        EmbeddedServer from = version.equals("14") ? source : older;
        try (Scene scene = scene(from)) {
            CompletableFuture<Void> alter;
            try (Obstacle gate = tools.holdBefore();
                    PgconvoyProcess run = start(scene)) {
                tools.awaitReached(PATIENCE);
                alter = inBackground(
                        from, "ALTER TABLE item ALTER COLUMN price TYPE bigint USING price + 1, ADD extra int");
                awaitWaitingFor(from, "ALTER");
                gate.close();

                assertThat(complete(run).stderr()).contains("database \"busy\"", "is begun anew", "(attempt 2 of");
            }
            alter.get(60, TimeUnit.SECONDS);
            assertThat(target.value(BUSY, "SELECT sum(price) FROM item")).isEqualTo("501500");
        }
    }

    /** Where our locks last, the ALTER TABLE waits for the LOCK TABLE or the DROP VIEW, and every SELECT for that. */
    @ParameterizedTest
    @CsvSource({"9.6, LOCK TABLE wide", "14, LOCK TABLE wide", "14, DROP VIEW cheap"})
    void keepsNobodyFromOneTableWhileItWaitsForAnother(String version, String locking) throws Exception {
        EmbeddedServer from = version.equals("14") ? source : older;
        try (Scene scene = scene(from);
                Connection locker = from.connect(BUSY);
                Statement statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute(locking);
            try (PgconvoyProcess run = start(scene)) {
                awaitWaitingRun(from);
                for (String table : List.of("item", "other")) {
                    inBackground(from, "ALTER TABLE " + table + " ADD extra int")
                            .get(20, TimeUnit.SECONDS);
                }
                locker.rollback();

                complete(run);
            }
            assertThat(target.value(BUSY, "SELECT count(extra) + count(*) FROM item"))
                    .isEqualTo("1000");
        }
    }

    @Test
    void failsOverAViewThatSomebodyIsDroppingForTooLong() throws Exception {
        try (Scene scene = scene(source);
                Connection locker = source.connect(BUSY);
                Statement statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute("DROP VIEW cheap");
            try (PgconvoyProcess run = start(scene, "--lock-wait-timeout", "7s")) {
                PgconvoyProcess.Result result = run.await(PATIENCE);

                assertThat(result.exitCode()).as(result.stderr()).isNotZero();
                assertThat(result.stderr())
                        .contains("somebody has locked what is to be read: view \"public\".\"cheap\" by session")
                        .contains("as long as --lock-wait-timeout says");
            }
        }
    }

    @Test
    void isInNobodysWayWhoRefreshesAView() throws Exception {
        try (Scene scene = scene(source);
                Obstacle gate = tools.holdBefore();
                PgconvoyProcess run = start(scene)) {
            tools.awaitReached(PATIENCE);

            inBackground(source, "REFRESH MATERIALIZED VIEW ids").get(30, TimeUnit.SECONDS);
            inBackground(source, "DROP VIEW cheap").get(30, TimeUnit.SECONDS);
            source.sql(BUSY, "CREATE VIEW cheap AS SELECT id FROM item WHERE id < 100");
            gate.close();

            complete(run);
            assertThat(rows("ids")).isEqualTo(10);
        }
    }

    @Test
    void dumpsADeferredTableThatSomebodyWaitsToAlter() throws Exception {
        try (Scene scene = scene(source)) {
            CompletableFuture<Void> alter;
            try (Obstacle gate = tools.hold();
                    PgconvoyProcess run = start(scene, "--delay-table-data", "busy.item")) {
                tools.awaitReached(PATIENCE);
                alter = inBackground(source, "ALTER TABLE item ADD extra int");
                awaitWaitingFor(source, "ALTER");
                gate.close();

                complete(run);
            }
            alter.get(60, TimeUnit.SECONDS);
            assertThat(rows("item")).isEqualTo(1000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void verifiesWhereSomebodyAltersATable(boolean onSource) throws Exception {
        try (Scene scene = scene(source)) {
            try (PgconvoyProcess run = start(scene)) {
                complete(run);
            }
            EmbeddedServer busy = onSource ? source : target;
            try (Connection locker = busy.connect(BUSY);
                    Statement statement = locker.createStatement();
                    PgconvoyProcess verify = verify()) {
                locker.setAutoCommit(false);
                statement.execute("LOCK TABLE other");
                awaitWaitingRun(busy);
                // Which item is read by a view of the inventory.
                CompletableFuture<Void> alter =
                        inBackground(busy, "ALTER TABLE item SET (fillfactor = 90), SET (fillfactor = 100)");
                alter.get(30, TimeUnit.SECONDS);
                locker.commit();

                PgconvoyProcess.Result result = verify.await(PATIENCE);
                assertThat(result.exitCode())
                        .as(result.stdout() + result.stderr())
                        .isZero();
                assertThat(result.stdout()).contains("1,021", "no differences");
            }
        }
    }

    private PgconvoyProcess verify(String... more) {
        return PgconvoyProcess.start(
                Stream.concat(
                                Stream.of(
                                        "verify",
                                        "--from-host",
                                        source.host(),
                                        "--from-port",
                                        String.valueOf(source.port()),
                                        "--to-host",
                                        target.host(),
                                        "--to-port",
                                        String.valueOf(target.port()),
                                        "--include-db",
                                        BUSY),
                                Stream.of(more))
                        .toList(),
                Map.of());
    }

    @Test
    void namesWhoHasLockedATableAndWaitsForSoLong() throws Exception {
        try (Scene scene = scene(source);
                Connection locker = source.connect(BUSY);
                Statement statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE item");
            String session;
            try (var row =
                    statement.executeQuery("SELECT 'session ' || pg_backend_pid() || ' of user \"' || user || '\"'")) {
                row.next();
                session = row.getString(1);
            }
            for (List<String> options : List.of(
                    List.of("--lock-wait-timeout", "7s"),
                    List.of("--lock-wait-timeout", "1s", "--dry-run", "--delay-table-data", "busy.item"))) {
                try (PgconvoyProcess run = start(scene, options.toArray(String[]::new))) {
                    PgconvoyProcess.Result result = run.await(PATIENCE);

                    assertThat(result.exitCode()).as(result.stderr()).isNotZero();
                    if (options.contains("7s")) {
                        assertThat(result.stderr())
                                .contains("pgconvoy waits for table \"public\".\"item\", locked by " + session)
                                .contains(
                                        "waited for more than 7 s", "table \"public\".\"item\" by " + session, "since");
                    }
                    assertThat(result.stderr() + result.stdout()).contains("--lock-wait-timeout");
                }
            }
        }
    }
}
