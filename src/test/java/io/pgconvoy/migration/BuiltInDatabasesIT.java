package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The databases that every cluster has. One pair of servers, which the tests find as the one before has left them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BuiltInDatabasesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What a database is like, but for what the target keeps. */
    private static final String PROPERTIES = """
            SELECT datname || ' ' || datallowconn || ' ' || datconnlimit || ' ' || datistemplate || ' '
                   || COALESCE((SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(datacl) a), '') || ' ' || COALESCE(shobj_description(d.oid, 'pg_database'), '')
                   || COALESCE((SELECT string_agg(setrole::regrole || ':' || setconfig::text, ' ' ORDER BY setrole)
                                  FROM pg_db_role_setting WHERE setdatabase = d.oid), '')
              FROM pg_database d WHERE datname IN ('postgres', 'template1') ORDER BY datname
            """;

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("15").withoutSync());
        target = EmbeddedServer.start("18");
        source.sql(
                "postgres",
                "CREATE ROLE builder LOGIN",
                "CREATE DATABASE half",
                "CREATE DATABASE left_out",
                "UPDATE pg_database SET datconnlimit = -2 WHERE datname IN ('half', 'left_out')",
                "ALTER DATABASE template0 ALLOW_CONNECTIONS true",
                "ALTER DATABASE postgres SET work_mem = '9MB'",
                "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC",
                "GRANT CREATE ON DATABASE postgres TO builder",
                "COMMENT ON DATABASE postgres IS 'ours; DROP ROLE builder'");
        source.sql("template0", "CREATE TABLE odd (i integer)");
    }

    @AfterAll
    static void stopServers() {
        Stream.of(source, target).filter(server -> server != null).forEach(EmbeddedServer::close);
    }

    @Test
    @Order(1)
    void bareOnesGetSettingsAndPrivilegesAndWhatIsLeftBehindIsNamed() throws SQLException {
        Move.Moved moved = new Move(source, target, folder).run("--exclude-db=left_out");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.databases()).isEmpty();
        assertThat(target.column("postgres", PROPERTIES)).isEqualTo(source.column("postgres", PROPERTIES));
        assertThat(moved.texts("warnings"))
                .anyMatch(warning -> warning.contains("half deleted is left behind: database \"half\". "))
                .anyMatch(warning -> warning.contains("user objects in template0 are not carried over"));
        source.sql("template0", "DROP TABLE odd");

        Move.Moved again = new Move(source, target, folder).run("--exclude-db=half", "--exclude-db=left_out");

        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(again.texts("globals")).isEmpty();
        assertThat(again.texts("warnings"))
                .noneMatch(warning -> warning.contains("half") || warning.contains("template0"));
    }

    @Test
    @Order(2)
    void userObjectsInTheTargetsStandInTheWay() throws SQLException {
        source.sql("template1", "CREATE TABLE standard (i integer)");
        target.sql("template1", "CREATE TABLE precious (i integer)");
        Move move = new Move(source, target, folder);

        Move.Moved refused = move.run("--drop-existing", "--exclude-db=half", "--exclude-db=left_out");

        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(13);
        assertThat(refused.result().stderr())
                .contains("database \"template1\"", "holds user objects already", "--exclude-db");
        assertThat(target.value("template1", "SELECT count(*) FROM precious")).isEqualTo("0");

        Move.Moved without = move.run("--exclude-db=template1", "--exclude-db=half", "--exclude-db=left_out");

        assertThat(without.exitCode()).as(without.output()).isZero();
        target.sql("template1", "DROP TABLE precious");
    }

    @Test
    @Order(3)
    void whatSomebodyMakesThereBeforeTheRestoreIsNotDropped() throws Exception {
        source.sql("template1", "DROP TABLE IF EXISTS standard", "CREATE TABLE standard (i integer)");
        Path reached = folder.resolve("reached");
        Path gate = Files.writeString(folder.resolve("gate"), "");

        PgconvoyProcess.Result result;
        try (PgconvoyProcess run = new Move(source, target, folder)
                .start("--include-db=template1", "--pg-bin=" + toolsThatWait(reached, gate))) {
            await().atMost(PATIENCE).until(() -> Files.exists(reached));
            target.sql("template1", "CREATE TABLE standard AS SELECT 42 AS i");
            Files.delete(gate);
            result = run.await(PATIENCE);
        }

        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
        assertThat(target.value("template1", "SELECT i FROM standard")).isEqualTo("42");
        target.sql("template1", "DROP TABLE standard");
    }

    /** A pg_restore that waits, when everything has been looked at, before it restores. */
    private Path toolsThatWait(Path reached, Path gate) throws Exception {
        Path tools = PostgresTools.folder();
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("pg_dump"), tools.resolve("pg_dump"));
        Path script = Files.writeString(bin.resolve("pg_restore"), """
                #!/bin/bash
                case "$*" in *--list*) ;; *)
                  touch %s
                  while [ -e %s ]; do sleep 0.05; done ;;
                esac
                exec %s/pg_restore "$@"
                """.formatted(reached, gate, tools));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }

    /** Killed in the restore, so that it is filled twice; its encoding and locale are the target's. */
    @Test
    @Order(4)
    void template1IsFilledHoweverOften() throws Exception {
        source.sql(
                "postgres",
                "UPDATE pg_database SET datistemplate = false WHERE datname = 'template1'",
                "DROP DATABASE template1",
                "CREATE DATABASE template1 TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                        + " IS_TEMPLATE true CONNECTION LIMIT 9",
                "COMMENT ON DATABASE template1 IS 'our template'",
                "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC",
                "ALTER ROLE builder IN DATABASE template1 SET search_path = standard");
        source.sql(
                "template1",
                "CREATE SCHEMA standard AUTHORIZATION builder",
                "CREATE TABLE standard.small (i serial PRIMARY KEY, t text DEFAULT 'x')",
                "CREATE TABLE standard.big AS SELECT i, md5(i::text) AS t FROM generate_series(1, 5000) i",
                "CREATE INDEX ON standard.big (t)",
                "INSERT INTO standard.small (t) SELECT 'ascii ' || i FROM generate_series(1, 20) i",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA standard GRANT SELECT ON TABLES TO builder",
                "DROP SCHEMA public");
        Move move = new Move(source, target, folder);
        List<String> options =
                List.of("--exclude-db=half", "--exclude-db=left_out", "--delay-table-data=template1.standard.big");
        killInRestore(move, options);

        Move.Moved moved = move.run(options.toArray(String[]::new));

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.databases()).containsExactly("template1");
        assertThat(moved.texts("warnings"))
                .contains(
                        "database \"template1\": keeps the target's encoding UTF8, the source's is SQL_ASCII: a text"
                                + " that UTF8 cannot hold fails its table's restore",
                        "database \"template1\": keeps the target's locale C, the source's is C with ctype C.UTF-8: texts"
                                + " may sort and compare otherwise");
        assertThat(target.column("postgres", PROPERTIES)).isEqualTo(source.column("postgres", PROPERTIES));
        String content =
                "SELECT (SELECT count(*) FROM standard.small) || ' ' || (SELECT count(*) FROM standard.big) || ' '"
                        + " || (SELECT last_value FROM standard.small_i_seq) || ' '"
                        + " || (SELECT count(*) FROM pg_indexes WHERE schemaname = 'standard')"
                        + " || (SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_')";
        assertThat(target.value("template1", content)).isEqualTo(source.value("template1", content));
        // What it is for: new databases get it all.
        target.sql("postgres", "CREATE DATABASE fresh");
        assertThat(target.value("fresh", content)).isEqualTo(source.value("template1", content));
        assertThat(target.value("template1", "SELECT oid FROM pg_database WHERE datname = 'template1'"))
                .isEqualTo("1");
        assertThat(move.run(options.toArray(String[]::new)).outcomes()).isEqualTo(Map.of("template1", "earlier"));
    }

    /** {@code postgres} closed and filled; so the servers are asked by way of another database. */
    @Test
    @Order(5)
    void postgresArrivesClosedToo() throws Exception {
        source.sql(
                "postgres",
                "CREATE TABLE kept AS SELECT generate_series(1, 7) AS i",
                "CREATE DATABASE desk TEMPLATE template0");
        target.sql("postgres", "CREATE DATABASE desk TEMPLATE template0");
        source.sql("desk", "ALTER DATABASE postgres ALLOW_CONNECTIONS false");
        try {
            Move.Moved moved = new Move(source, target, folder)
                    .run("--from-db=desk", "--to-db=desk", "--include-db=postgres", "--open-closed-databases");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(target.column("desk", PROPERTIES)).isEqualTo(source.column("desk", PROPERTIES));
        } finally {
            source.sql("desk", "ALTER DATABASE postgres ALLOW_CONNECTIONS true");
            target.sql("desk", "ALTER DATABASE postgres ALLOW_CONNECTIONS true");
        }
        assertThat(target.value("postgres", "SELECT count(*) FROM kept")).isEqualTo("7");
    }

    /** A database that nobody can open where ALTER DATABASE is impossible. */
    @Test
    @Order(6)
    void standbyFailsThatDatabaseOnly() throws Exception {
        source.sql(
                "postgres",
                "CREATE DATABASE closed TEMPLATE template0 ALLOW_CONNECTIONS false",
                "CREATE DATABASE plain TEMPLATE template0");
        source.stop();
        Files.writeString(source.dataFolder().resolve("standby.signal"), "");
        source.restart();

        Move.Moved moved = new Move(source, target, folder)
                .run("--include-db=closed", "--include-db=plain", "--open-closed-databases");

        assertThat(moved.exitCode()).as(moved.output()).isEqualTo(3);
        assertThat(moved.outcomes()).isEqualTo(Map.of("closed", "failed", "plain", "complete"));
        assertThat(moved.database("closed").get("detail").asText())
                .contains("could not be opened for its dump", "A standby cannot do that");
        assertThat(moved.texts("warnings"))
                .anyMatch(warning -> warning.contains("is a standby, on which") && warning.contains("\"closed\""));
        try (Stream<Path> journal = Files.walk(folder.resolve("state"))) {
            assertThat(journal).noneMatch(file -> file.endsWith("opened-databases.json"));
        }
    }

    private static void killInRestore(Move move, List<String> options) throws Exception {
        try (Connection locker = target.connect("template1");
                Statement statement = locker.createStatement();
                PgconvoyProcess run = move.start(options.toArray(String[]::new))) {
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE pg_default_acl IN SHARE MODE");
            run.awaitLine("template1: restore", PATIENCE);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(target.column(
                                    "postgres",
                                    "SELECT 1 FROM pg_stat_activity WHERE datname = 'template1' AND wait_event_type ="
                                            + " 'Lock'"))
                            .isNotEmpty());
            run.signal("KILL");
            run.await(PATIENCE);
        }
    }
}
