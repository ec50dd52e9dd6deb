package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where things are after a move with {@code --map-tablespace} or {@code --no-tablespaces}. */
class TablespaceOptionsIT {
    /** Each object of the database and its tablespace, where that is not the database's own. */
    private static final String PLACES = """
            SELECT relname || ' in ' || spcname FROM pg_class c JOIN pg_tablespace s ON s.oid = reltablespace
             WHERE c.oid >= 16384 AND relkind IN ('r', 'i', 'm') AND relname !~ '^pg_' ORDER BY 1
            """;

    private static final String SETTINGS = "SELECT unnest(setconfig) FROM pg_db_role_setting ORDER BY 1";

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
        target = EmbeddedServer.start("18");
        makeFolder(source, source.folder() + "/fast");
        makeFolder(source, source.folder() + "/whole");
        source.sql(
                "postgres",
                "CREATE TABLESPACE \"fast; \"\"disk\"\"\" LOCATION " + Quote.literal(source.folder() + "/fast"),
                "CREATE TABLESPACE whole LOCATION " + Quote.literal(source.folder() + "/whole"),
                "COMMENT ON TABLESPACE whole IS 'all of it'",
                "CREATE ROLE app",
                "ALTER ROLE app SET default_tablespace = 'fast; \"disk\"'",
                "CREATE DATABASE shop TABLESPACE whole",
                "ALTER DATABASE shop SET temp_tablespaces = 'whole', 'fast; \"disk\"'",
                "ALTER DATABASE shop SET work_mem = '7MB'");
        source.sql(
                "shop",
                "CREATE TABLE small (i integer PRIMARY KEY USING INDEX TABLESPACE \"fast; \"\"disk\"\"\", t text)"
                        + " TABLESPACE \"fast; \"\"disk\"\"\"",
                "INSERT INTO small SELECT i, 'x' FROM generate_series(1, 100) i",
                "CREATE MATERIALIZED VIEW shown TABLESPACE \"fast; \"\"disk\"\"\" AS SELECT count(*) FROM small",
                "CREATE TABLE big (i integer PRIMARY KEY, t text)",
                "INSERT INTO big SELECT i, md5(i::text) FROM generate_series(1, 5000) i",
                // One is built by pg_restore, the other by pgconvoy itself.
                "CREATE INDEX big_plain ON big (t) TABLESPACE \"fast; \"\"disk\"\"\"",
                "CREATE INDEX big_clustered ON big (t, i) TABLESPACE \"fast; \"\"disk\"\"\"",
                "ALTER TABLE big CLUSTER ON big_clustered");
    }

    @AfterAll
    static void stopServers() {
        Stream.of(source, target).filter(server -> server != null).forEach(EmbeddedServer::close);
    }

    @AfterEach
    void emptyTarget() throws SQLException {
        TestDatabases.drop(target, "shop");
        for (String name : target.column("postgres", "SELECT spcname FROM pg_tablespace WHERE spcname !~ '^pg_'")) {
            target.sql("postgres", "DROP TABLESPACE " + Quote.identifier(name));
        }
        target.sql("postgres", "DROP ROLE IF EXISTS app");
    }

    @Test
    void mapsTablespacesByNameAndByFolder() throws SQLException {
        String fast = target.folder() + "/a=b";
        String whole = target.folder() + "/whole";
        makeFolder(target, fast);
        makeFolder(target, whole);
        String[] options = {
            "--map-tablespace=fast; \"disk\"=" + fast.replace("=", "\\="),
            "--map-tablespace=" + source.folder() + "/whole=" + whole,
            "--delay-table-data=shop.big"
        };

        Move.Moved moved = move().run(options);

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.outcomes()).containsEntry("shop", "complete");
        assertThat(target.column("shop", PLACES)).isEqualTo(source.column("shop", PLACES));
        assertThat(target.column("shop", PLACES))
                .contains("big_clustered in fast; \"disk\"", "small in fast; \"disk\"");
        assertThat(
                        target.column(
                                "postgres",
                                "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname !~ '^pg_' ORDER BY spcname"))
                .containsExactly(fast, whole);
        assertThat(databaseTablespace()).isEqualTo("whole");
        assertThat(target.column("postgres", SETTINGS)).isEqualTo(source.column("postgres", SETTINGS));

        Move.Moved again = move().run(options);
        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(again.texts("warnings")).noneMatch(text -> text.contains("tablespace"));
        assertThat(again.texts("globals")).isEmpty();
    }

    @Test
    void makesNoTablespacesWhenToldSo() throws SQLException {
        Move.Moved moved = move().run("--no-tablespaces", "--delay-table-data=shop.big");

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(target.column("shop", PLACES)).isEmpty();
        assertThat(target.column(
                        "shop",
                        "SELECT indexrelid::regclass FROM pg_index WHERE indisvalid AND indrelid >= 16384"
                                + " ORDER BY 1"))
                .contains("big_plain", "big_clustered", "small_pkey");
        assertThat(target.value(
                        "shop", "SELECT indisclustered FROM pg_index WHERE indexrelid = 'big_clustered'::regclass"))
                .isEqualTo("t");
        assertThat(target.column("postgres", "SELECT spcname FROM pg_tablespace WHERE spcname !~ '^pg_'"))
                .isEmpty();
        assertThat(databaseTablespace()).isEqualTo("pg_default");
        assertThat(target.column("postgres", SETTINGS)).containsExactly("work_mem=7MB");
        assertThat(moved.summary().toString())
                .contains(
                        "setting default_tablespace of role \\\"app\\\" is left out",
                        "setting temp_tablespaces of database \\\"shop\\\" is left out");
    }

    @Test
    void refusesWhatNamesNoTablespaceOrNoFolder() throws SQLException {
        Move.Moved unknown = move().run("--map-tablespace=slow=/x");

        assertThat(unknown.exitCode()).as(unknown.output()).isEqualTo(13);
        assertThat(unknown.output())
                .contains("--map-tablespace names what is no tablespace of the source: 'slow'", "\"whole\" at ");

        Move.Moved nowhere = move().run("--map-tablespace=fast; \"disk\"=" + target.folder() + "/nowhere");

        assertThat(nowhere.exitCode()).as(nowhere.output()).isEqualTo(13);
        assertThat(nowhere.output()).contains("there is no folder " + target.folder() + "/nowhere", "--no-tablespaces");
        assertThat(target.column("postgres", "SELECT 1 FROM pg_database WHERE datname = 'shop'"))
                .isEmpty();
    }

    private Move move() {
        return new Move(source, target, folder);
    }

    private static String databaseTablespace() throws SQLException {
        return target.value(
                "postgres",
                "SELECT spcname FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace WHERE datname = 'shop'");
    }

    private static void makeFolder(EmbeddedServer server, String folder) throws SQLException {
        server.sql("postgres", "COPY (SELECT 1 WHERE false) TO PROGRAM " + Quote.literal("mkdir '" + folder + "'"));
    }
}
