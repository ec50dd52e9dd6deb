package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.transfer.TableStream.Copied;
import io.pgconvoy.transfer.early.EarlyBuilds;
import io.pgconvoy.transfer.early.TableIndexes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes of tables that are through, while another one is still being copied: it waits for a lock of the test's. */
class EarlyBuildsIT {
    private static final String BUILT = """
            SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
             WHERE x.indrelid >= 16384 AND x.indisvalid AND c.relname !~ '^pg_toast' ORDER BY 1
            """;

    @TempDir
    private Path folder;

    /** What is under way while the test looks. */
    private record Copying(EarlyBuilds builds, CompletableFuture<List<Copied>> result) {}

    /** To be done with the builds while a table waits. */
    private interface Look {
        void at(Copying copying) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void whatBuildsOnOneTableAloneComesWhileAnotherIsCopied(String version) throws Exception {
        try (Scene scene = new Scene(version, folder)) {
            scene.onSource("""
                    CREATE TABLE waits (id int PRIMARY KEY);
                    INSERT INTO waits SELECT generate_series(1, 100);
                    CREATE TABLE big (id int PRIMARY KEY, a int UNIQUE, b text, EXCLUDE USING btree (b WITH =));
                    INSERT INTO big SELECT i, -i, md5(i::text) FROM generate_series(1, 5000) i;
                    CREATE INDEX big_plain ON big (a DESC, b); ALTER TABLE big CLUSTER ON big_plain;
                    CREATE INDEX big_built_in ON big (lower(b)) WHERE a < 0;
                    CREATE TABLE asks (id int PRIMARY KEY, a int);
                    INSERT INTO asks SELECT i, i % 7 FROM generate_series(1, 5000) i;
                    CREATE FUNCTION known(int) RETURNS int LANGUAGE sql IMMUTABLE
                        AS 'SELECT count(*)::int FROM public.waits WHERE id <= $1';
                    CREATE INDEX asks_others ON asks (known(a)); CREATE INDEX asks_plain ON asks (a);
                    ALTER TABLE asks ADD FOREIGN KEY (id) REFERENCES big;
                    """);
            boolean partitions = !version.equals("9.6");
            if (partitions) {
                scene.onSource("""
                    CREATE STATISTICS big_both ON a, b FROM big;
                    CREATE TABLE whole (id int PRIMARY KEY, a int) PARTITION BY RANGE (id);
                    CREATE TABLE piece PARTITION OF whole FOR VALUES FROM (0) TO (10000);
                    INSERT INTO whole SELECT i, i FROM generate_series(1, 5000) i;
                    CREATE INDEX whole_a ON whole (a);
                    """);
            }
            scene.dump("true");
            List<String> early = new ArrayList<>(List.of(
                    "asks_pkey", "asks_plain", "big_a_key", "big_b_excl", "big_built_in", "big_pkey", "big_plain"));
            if (partitions) {
                early.addAll(List.of("piece_a_idx", "piece_pkey"));
            }

            EarlyBuilds builds = whileOneWaits(scene, copying -> {
                await().untilAsserted(() -> assertThat(scene.ask(BUILT)).containsAll(early));
                await().untilAsserted(
                                () -> assertThat(copying.builds.analyzed()).containsExactly("\"public\".\"big\""));
                assertThat(copying.result).isNotDone();
                assertThat(scene.ask(BUILT)).doesNotContain("asks_others", "waits_pkey");
                assertThat(scene.ask("SELECT reltuples::int FROM pg_class WHERE relname = 'big'"))
                        .containsExactly("5000");
                assertThat(scene.ask("SELECT DISTINCT tablename FROM pg_stats WHERE tablename !~ '^pg_' AND"
                                + " schemaname = 'public' ORDER BY 1"))
                        .as("tables, and indexes with expressions, of which there are statistics")
                        .containsExactly("big", "big_built_in");
            });

            assertThat(builds.errors()).isEmpty();
            assertThat(restoreRest(scene, builds)).isEmpty();
            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
            if (partitions) {
                assertThat(scene.ask(Objects.constraints(true))).isEqualTo(scene.askSource(Objects.constraints(true)));
                assertThat(scene.ask(Objects.INHERITED_INDEXES)).isEqualTo(scene.askSource(Objects.INHERITED_INDEXES));
                assertThat(scene.ask("SELECT stxname FROM pg_statistic_ext")).containsExactly("big_both");
            }
        }
    }

    @Test
    void whatFailsIsToldOnceAndARefusedTableIsLeftToTheRest() throws Exception {
        try (Scene scene = new Scene("14", folder)) {
            scene.onSource("""
                    CREATE TABLE waits (id int PRIMARY KEY);
                    CREATE TABLE refused (id int PRIMARY KEY);
                    CREATE TABLE big (id int PRIMARY KEY, a int, b int);
                    INSERT INTO waits SELECT generate_series(1, 100);
                    INSERT INTO refused SELECT generate_series(1, 100);
                    INSERT INTO big SELECT i, i, i FROM generate_series(1, 5000) i;
                    CREATE INDEX taken ON big (a); CREATE INDEX free ON big (b);
                    """);
            scene.dump("true");

            EarlyBuilds builds = whileOneWaits(
                    scene,
                    copying -> {
                        await().untilAsserted(() ->
                                assertThat(copying.builds.errors()).isNotEmpty());
                        await().untilAsserted(() -> assertThat(scene.ask(BUILT)).contains("free", "big_pkey"));
                        assertThat(scene.ask(BUILT)).doesNotContain("refused_pkey");
                    },
                    "CREATE SEQUENCE taken",
                    "ALTER TABLE refused ADD CHECK (id < 0)");

            assertThat(builds.errors())
                    .singleElement()
                    .satisfies(error -> assertThat(error.entry()).startsWith("INDEX public taken "))
                    .extracting(RestoreError::message)
                    .asString()
                    .contains("relation \"taken\" already exists");
            assertThat(restoreRest(scene, builds)).isEmpty();
            assertThat(scene.ask(BUILT)).contains("refused_pkey", "waits_pkey").doesNotContain("taken");
        }
    }

    @Test
    void aBuildTakesTheConnectionOfASession() throws Exception {
        try (Scene scene = new Scene("14", folder);
                ServerPools pools = new ServerPools(scene.targetServer());
                var pool = pools.sessions(scene.database, 2)) {
            String number =
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgconvoy test' AND datname = '"
                            + scene.database + "'";
            try (var one = pool.session("one");
                    var other = pool.session("other")) {
                assertThat(scene.target.column("postgres", number)).containsExactly("2");
            }
            pool.instead(() -> {
                await().untilAsserted(() ->
                        assertThat(scene.target.column("postgres", number)).containsExactly("1"));
                return true;
            });
        }
    }

    /** Indexes of one table are built by several tools at once, and one may be clustered on. */
    @Test
    void whatFailsOverADeadlockIsRestoredOnceMore() throws Exception {
        try (Scene scene = new Scene("14", folder)) {
            scene.onSource("CREATE TABLE big (id int); CREATE INDEX i ON big (id); ALTER TABLE big CLUSTER ON i");
            scene.dump("true");
            restore(scene, new PgRestore.Options(1, false).sections("pre-data"));
            List<TocEntry> index = scene.toc().entries().stream()
                    .filter(entry -> entry.label().startsWith("INDEX "))
                    .toList();
            try (Connection other = scene.target.connect(scene.database.value());
                    Statement statement = other.createStatement()) {
                statement.execute("SET deadlock_timeout = '10min'; BEGIN; LOCK TABLE big IN SHARE MODE");
                CompletableFuture<List<RestoreError>> restored = CompletableFuture.supplyAsync(() -> scene.restore(
                        new PgRestore.Options(1, false).only(index).with(Map.of("deadlock_timeout", "5s"))));
                await().untilAsserted(() -> assertThat(scene.ask(
                                "SELECT 1 FROM pg_locks WHERE NOT granted" + " AND relation = 'big'::regclass"))
                        .hasSize(1));
                // The index is there, so that its name is taken, and neither can go on.
                statement.execute("CREATE TABLE i (); ROLLBACK");

                assertThat(restored.get(60, TimeUnit.SECONDS)).isEmpty();
            }
            assertThat(scene.ask(Objects.INDEXES)).isEqualTo(scene.askSource(Objects.INDEXES));
        }
    }

    private static EarlyBuilds whileOneWaits(Scene scene, Look look, String... before) throws Exception {
        assertThat(restore(scene, new PgRestore.Options(1, false).sections("pre-data")))
                .isEmpty();
        scene.onTarget(before);
        try (SnapshotHolder holder = SnapshotHolder.openLocked(scene.sourceServer(), scene.database);
                ServerPools pools = new ServerPools(scene.targetServer());
                Connection lock = scene.source.connect(scene.database.value());
                Statement statement = lock.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4711)");
            List<PlannedTable> tables = holder
                    .within(
                            "test",
                            session -> DeferredTableReader.read(
                                    session,
                                    scene.deferred().tables().stream()
                                            .map(table -> table.oid())
                                            .toList(),
                                    ByteSize.ofMegabytes(1024)))
                    .stream()
                    .map(EarlyBuildsIT::waiting)
                    .toList();
            List<TableIndexes> indexes = holder.within(
                    "test",
                    session -> TableIndexes.read(
                            session, tables.stream().map(PlannedTable::table).toList()));
            EarlyBuilds builds = new EarlyBuilds(
                    indexes,
                    scene.toc(),
                    true,
                    entries -> restore(scene, new PgRestore.Options(1, false).only(entries)));
            TableStream stream = new TableStream(
                    scene.sourceServer(),
                    pools,
                    scene.database,
                    "UTF8",
                    new TransientRetry(scene.cancellation, said -> {}));
            CompletableFuture<List<Copied>> copied =
                    CompletableFuture.supplyAsync(() -> stream.copy(holder, tables, 3, builds, done -> {}));
            try {
                look.at(new Copying(builds, copied));
            } finally {
                statement.execute("SELECT pg_advisory_unlock(4711)");
            }
            assertThat(copied.get(60, TimeUnit.SECONDS)).hasSameSizeAs(tables);
            return builds;
        }
    }

    private static PlannedTable waiting(PlannedTable table) {
        return table.table().name().equals("waits")
                ? new PlannedTable(
                        table.table(),
                        List.of("id < 5", "id >= 5 AND (id > 5 OR pg_advisory_lock_shared(4711)::text IS NOT NULL)"))
                : table;
    }

    private static List<RestoreError> restoreRest(Scene scene, EarlyBuilds builds) {
        return restore(
                scene,
                new PgRestore.Options(2, false)
                        .sections("data", "post-data")
                        .only(builds.without(scene.toc().entries())));
    }

    private static List<RestoreError> restore(Scene scene, PgRestore.Options options) {
        return scene.restore(options).stream()
                .filter(error -> error.harmlessBecause().isEmpty())
                .toList();
    }
}
