package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the options of {@code migrate} change, on three small databases. */
class OptionsIT {
    private static final String CONTENT = "SELECT md5(string_agg(t::text, ' ' ORDER BY i)) FROM t";

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
        target = EmbeddedServer.start("18");
        source.sql("postgres", "CREATE ROLE clerk LOGIN", "ALTER ROLE ALL SET work_mem = '5MB'");
        fill("small", 10);
        fill("shop_old", 5_000);
        fill("shop_new", 20_000);
    }

    @AfterAll
    static void stopServers() {
        Stream.of(source, target).filter(server -> server != null).forEach(EmbeddedServer::close);
    }

    @AfterEach
    void emptyTarget() throws SQLException {
        for (String database : databases(target)) {
            TestDatabases.drop(target, database);
        }
        target.sql("postgres", "DROP ROLE IF EXISTS clerk", "ALTER ROLE ALL RESET ALL");
    }

    @Test
    void movesIncludedDatabasesOnly() throws SQLException {
        Move.Moved moved = move().run("--include-db=sm*", "--include-db=shop*", "--exclude-db=*_o?d");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.outcomes()).isEqualTo(Map.of("small", "complete", "shop_new", "complete"));
        assertThat(databases(target)).containsExactly("shop_new", "small");
    }

    @Test
    void movesInTheOrderOfSizes() {
        assertThat(move().run("--max-parallel=1").databases()).containsExactly("small", "shop_old", "shop_new");
    }

    @Test
    void movesTheBiggestFirst() {
        Move.Moved moved = move().run("--max-parallel=1", "--order=size-desc");

        assertThat(moved.databases()).containsExactly("shop_new", "shop_old", "small");
        List<String> started = moved.databases().stream()
                .map(name -> moved.database(name).get("dump").get("started_at").asText())
                .toList();
        assertThat(started).isSorted();
    }

    @Test
    void movesTheRestInALaterRun() throws SQLException {
        Move.Moved first = move().run("--include-db=small");
        String oid = target.value("postgres", "SELECT oid FROM pg_database WHERE datname = 'small'");
        Move.Moved second = move().run("--include-db=shop*");
        Move.Moved third = move().run();

        assertThat(List.of(first.exitCode(), second.exitCode(), third.exitCode()))
                .as(first.output() + second.output() + third.output())
                .containsOnly(0);
        assertThat(second.databases()).containsExactlyInAnyOrder("shop_old", "shop_new");
        assertThat(third.outcomes())
                .isEqualTo(Map.of("small", "earlier", "shop_old", "earlier", "shop_new", "earlier"));
        assertThat(target.value("postgres", "SELECT oid FROM pg_database WHERE datname = 'small'"))
                .isEqualTo(oid);
        assertThat(third.texts("globals")).isEmpty();
        assertThat(third.output()).doesNotContain("the target is tuned");
    }

    @Test
    void gathersStatistics() throws SQLException {
        move().run("--include-db=small");

        assertThat(target.value("small", "SELECT count(*) FROM pg_stats WHERE tablename = 't'"))
                .isEqualTo("2");
    }

    @Test
    void leavesStatisticsToTheUser() throws SQLException {
        Move.Moved moved = move().run("--include-db=small", "--no-analyze");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(target.value("small", "SELECT count(*) FROM pg_stats WHERE tablename = 't'"))
                .isEqualTo("0");
    }

    @Test
    void countsNothingWhenToldSo() {
        Move.Moved moved = move().run("--include-db=small", "--verify=none");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.outcomes()).isEqualTo(Map.of("small", "complete"));
        assertThat(moved.database("small").get("rows").isNull()).isTrue();
        assertThat(moved.database("small").get("tables").asInt()).isPositive();
    }

    /** A hole between two of its parts must not go unnoticed. */
    @Test
    void countsDeferredTablesInAnyCase() throws SQLException {
        Move.Moved moved = move().run("--include-db=small", "--verify=none", "--delay-table-data=small.t");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.outcomes()).isEqualTo(Map.of("small", "complete"));
        assertThat(target.value("small", "SELECT count(*) FROM t"))
                .isEqualTo(source.value("small", "SELECT count(*) FROM t"));
    }

    @Test
    void fastVerifyWarnsWhereEstimatesDiffer() throws SQLException {
        // Without autovacuum, which would estimate anew in between.
        source.sql(
                "small",
                "ANALYZE",
                "CREATE TABLE u WITH (autovacuum_enabled = off) AS SELECT generate_series(1, 5000) AS i",
                "ANALYZE u");
        try {
            source.sql("small", "DELETE FROM u WHERE i > 50");
            Move.Moved moved = move().run("--include-db=small", "--fast-verify");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.outcomes()).isEqualTo(Map.of("small", "warnings"));
            assertThat(moved.texts("warnings"))
                    .anyMatch(warning -> warning.contains("table public.u has about 5000 rows on the source and 50"));
            assertThat(target.value("small", "SELECT count(*) FROM u")).isEqualTo("50");
        } finally {
            source.sql("small", "DROP TABLE u");
        }
    }

    @Test
    void fastVerifyIsContentWhereEstimatesAgree() throws SQLException {
        source.sql("shop_old", "ANALYZE");

        Move.Moved moved = move().run("--include-db=shop_old", "--fast-verify");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.outcomes()).isEqualTo(Map.of("shop_old", "complete"));
        assertThat(moved.database("shop_old").get("rows").isNull()).isTrue();
    }

    @Test
    void deletesDumpsUnlessToldToKeepThem() throws IOException {
        move().run("--include-db=small");
        assertThat(files(move().dumpRoot())).isEmpty();

        Move.Moved moved = move().run("--include-db=shop_old", "--keep-dumps");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(files(move().dumpRoot())).anyMatch(file -> file.endsWith("shop_old/archive/toc.dat"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip:1", "none", "zstd:3", "lz4"})
    void compresses(String method) throws SQLException, IOException {
        assumeThat(PostgresTools.major() >= 16 || List.of("gzip:1", "none").contains(method))
                .as("pg_dump here knows " + method)
                .isTrue();

        Move.Moved moved = move().run("--include-db=shop_old", "--keep-dumps", "--compress=" + method);

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        String suffix = switch (method) {
            case "gzip:1" -> ".dat.gz";
            case "zstd:3" -> ".dat.zst";
            case "lz4" -> ".dat.lz4";
            default -> ".dat";
        };
        assertThat(files(move().dumpRoot()))
                .filteredOn(file -> file.matches(".*/\\d+\\.dat.*"))
                .isNotEmpty()
                .allMatch(file -> file.endsWith(suffix));
        assertThat(target.value("shop_old", "SELECT count(*) FROM t")).isEqualTo("5000");
    }

    @Test
    void streamsDatabasesThatAreLargerThanTold() throws SQLException {
        String size = source.value("postgres", "SELECT pg_database_size('shop_old')");

        Move.Moved moved = move().run("--transport=stream", "--stream-larger-than=" + size);

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.output())
                .contains("shop_new: stream took")
                .doesNotContain("shop_old: stream", "small: stream");
        for (String database : databases(source)) {
            assertThat(target.value(database, CONTENT)).isEqualTo(source.value(database, CONTENT));
        }
    }

    @Test
    void whatIsRefusedWhileItIsStreamedFailsItsDatabaseUnlessAllowed() throws SQLException {
        source.sql("postgres", "CREATE DATABASE refused");
        source.sql(
                "refused",
                "CREATE FUNCTION good() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE TABLE once_good (a integer CHECK (good()))",
                "CREATE TABLE other AS SELECT 1 AS a",
                "INSERT INTO once_good VALUES (1), (2)",
                "CREATE OR REPLACE FUNCTION good() RETURNS boolean LANGUAGE sql AS 'SELECT false'");
        String[] options = {"--include-db=refused", "--transport=stream", "--stream-larger-than=0"};
        try {
            Move.Moved refused = move().run(options);

            assertThat(refused.outcomes()).containsEntry("refused", "failed");
            assertThat(refused.output()).contains("TABLE DATA public once_good", "violates check constraint");

            Move.Moved allowed = move().run(Stream.concat(Stream.of(options), Stream.of("--allow-restore-errors"))
                    .toArray(String[]::new));

            assertThat(allowed.outcomes()).as(allowed.output()).containsEntry("refused", "warnings");
            assertThat(allowed.output())
                    .contains("table public.once_good has 2 rows on the source and 0 on the target");
            assertThat(target.value("refused", "SELECT count(*) FROM other")).isEqualTo("1");
        } finally {
            TestDatabases.drop(source, "refused");
        }
    }

    @Test
    void rowsThatAreInTheArchiveNeverthelessAreNotLoadedTwice() throws SQLException, IOException {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        Files.createSymbolicLink(
                tools.resolve("pg_restore"), PostgresTools.folder().resolve("pg_restore"));
        Path dumpsAll = Files.writeString(tools.resolve("pg_dump"), """
                #!/bin/bash
                for argument; do
                  shift
                  case $argument in --filter=* | --exclude-table-data=*) ;; *) set -- "$@" "$argument" ;; esac
                done
                exec %s/pg_dump "$@"
                """.formatted(PostgresTools.folder()));
        Files.setPosixFilePermissions(dumpsAll, PosixFilePermissions.fromString("rwxr-xr-x"));

        Move.Moved moved = move().run(
                        "--include-db=shop_old", "--transport=stream", "--stream-larger-than=0", "--pg-bin=" + tools);

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(target.value("shop_old", CONTENT)).isEqualTo(source.value("shop_old", CONTENT));
    }

    @Test
    void deferredTablesAreNotStreamed() {
        Move.Moved moved = move().run(
                        "--include-db=shop*",
                        "--transport=stream",
                        "--stream-larger-than=0",
                        "--delay-table-data=shop_new.t");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.output()).contains("shop_old: stream took").doesNotContain("shop_new: stream");
    }

    @Test
    void leavesGlobalsBehind() throws SQLException {
        Move.Moved moved = move().run("--include-db=small", "--migrate-globals=false");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(target.column("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'clerk'"))
                .isEmpty();
        assertThat(target.column("postgres", "SELECT 1 FROM pg_db_role_setting"))
                .isEmpty();
    }

    @Test
    void replacesAForeignDatabaseOnlyWhenTold() throws SQLException {
        target.sql("postgres", "CREATE DATABASE small");
        target.sql("small", "CREATE TABLE precious (i integer)");

        Move.Moved refused = move().run("--include-db=s*");

        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(13);
        assertThat(refused.result().stderr()).contains("\"small\"", "--drop-existing");
        assertThat(databases(target)).containsExactly("small");
        assertThat(target.column("small", "SELECT 1 FROM pg_class WHERE relname = 'precious'"))
                .hasSize(1);

        Move.Moved replaced = move().run("--include-db=s*", "--drop-existing");

        assertThat(replaced.exitCode()).as(replaced.output()).isZero();
        assertThat(target.value("small", "SELECT count(*) FROM t")).isEqualTo("10");
        assertThat(target.column("small", "SELECT 1 FROM pg_class WHERE relname = 'precious'"))
                .isEmpty();
    }

    @Test
    void leavesTheTargetsSettingsAlone() {
        int before = target.log().length();

        Move.Moved moved = move().run("--include-db=small", "--disable-dst-optimizations");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.output()).doesNotContain("is tuned");
        assertThat(target.log().substring(before)).doesNotContain("SIGHUP");
    }

    @Test
    void dryRunChangesNothing() throws SQLException, IOException {
        String before = everything(target);

        Move.Moved moved = move().run("--dry-run", "--order=size-desc");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.result().stdout()).containsSubsequence("shop_new", "shop_old", "small", "clerk");
        assertThat(everything(target)).isEqualTo(before);
        assertThat(files(folder)).as("but the summary that was asked for").hasSize(1);
        assertThat(moved.summary().path("exit_code").intValue()).isZero();
        assertThat(moved.summary().path("databases").findValuesAsText("outcome"))
                .containsExactly("planned", "planned", "planned");
    }

    private Move move() {
        return new Move(source, target, folder);
    }

    private static void fill(String database, int rows) throws SQLException {
        source.sql("postgres", "CREATE DATABASE " + Quote.identifier(database));
        source.sql(
                database,
                "CREATE TABLE t (i integer PRIMARY KEY, t text)",
                "INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, " + rows + ") i");
    }

    private static List<String> databases(EmbeddedServer server) throws SQLException {
        return server.column(
                "postgres",
                "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')"
                        + " ORDER BY 1");
    }

    /** Every row of the catalogs that all databases share, and the server's own settings. */
    private static String everything(EmbeddedServer server) throws SQLException, IOException {
        return server.column("postgres", "SELECT d::text FROM pg_database d ORDER BY oid")
                + server.column("postgres", "SELECT a::text FROM pg_authid a ORDER BY oid")
                        .toString()
                + server.column("postgres", "SELECT s::text FROM pg_db_role_setting s")
                + Files.readString(server.dataFolder().resolve("postgresql.auto.conf"));
    }

    private static List<String> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }
}
