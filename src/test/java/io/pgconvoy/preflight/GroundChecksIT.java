package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.preflight.server.ClosedDatabaseCheck;
import io.pgconvoy.preflight.server.ConnectPrivilegeCheck;
import io.pgconvoy.preflight.server.LeftBehindDatabaseCheck;
import io.pgconvoy.preflight.server.PrivilegeCheck;
import io.pgconvoy.preflight.server.ReadOnlyCheck;
import io.pgconvoy.preflight.server.RecoveryCheck;
import io.pgconvoy.preflight.server.SameServerCheck;
import io.pgconvoy.preflight.server.TargetSpaceCheck;
import io.pgconvoy.preflight.server.ToolCheck;
import io.pgconvoy.preflight.server.VersionCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the servers can be source and target at all, and their databases be read. */
class GroundChecksIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");
    private static final TestDatabases DATABASES = TestDatabases.on(SOURCE);
    private static final CheckRun RUN = CheckRun.between(SOURCE, TARGET);

    private static String shop;

    @BeforeAll
    static void create() throws SQLException {
        shop = DATABASES.create("shop");
    }

    @AfterAll
    static void drop() throws SQLException {
        DATABASES.close();
    }

    @Test
    void comparesVersions() throws SQLException {
        Check versions = new VersionCheck();
        assertThat(RUN.texts(versions)).isEmpty();
        assertThat(CheckRun.between(/* source= */ TARGET, /* target= */ SOURCE).texts(versions))
                .singleElement()
                .asString()
                .startsWith("BLOCKER versions: source ")
                .contains("newer than target ");
        assertThat(RUN.withVersions(90426, 180006, 180006).texts(versions))
                .singleElement()
                .asString()
                .contains("is PostgreSQL 9.4.26, which is older than 9.5");

        Check tools = new ToolCheck();
        assertThat(RUN.withVersions(140024, 180006, 180006).texts(tools)).isEmpty();
        assertThat(RUN.withVersions(140024, 130020, 180006).texts(tools))
                .singleElement()
                .asString()
                .startsWith("BLOCKER client-tools: pg_dump in ")
                .contains("older than source ");
        assertThat(RUN.withVersions(140024, 150010, 180006).texts(tools))
                .singleElement()
                .asString()
                .startsWith("WARNING client-tools: ")
                .contains("older than target ");
    }

    @Test
    void tellsOneServerFromTwo() throws SQLException {
        assertThat(RUN.texts(new SameServerCheck())).isEmpty();
        assertThat(CheckRun.between(SOURCE, SOURCE).withTargetHost("localhost").texts(new SameServerCheck()))
                .singleElement()
                .asString()
                .startsWith("BLOCKER same-server: ")
                .contains("are the same cluster");
    }

    @Test
    void knowsWhereAStandbyCanStand() throws SQLException, IOException {
        assertThat(RUN.texts(new RecoveryCheck())).isEmpty();
        try (EmbeddedServer standby =
                EmbeddedServer.start(ServerOptions.of("14").withoutSync())) {
            standby.sql("postgres", "CREATE DATABASE closed", "CREATE DATABASE plain");
            standby.sql("postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS false");
            standby.sql("plain", "CREATE UNLOGGED TABLE t (a integer)");
            standby.stop();
            Files.createFile(standby.dataFolder().resolve("standby.signal"));
            standby.restart();

            CheckRun fromStandby = CheckRun.between(standby, TARGET);
            assertThat(fromStandby.texts(new RecoveryCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE recovery: source ")
                    .contains("may break off a dump", "max_standby_streaming_delay = -1");
            assertThat(fromStandby.withVersions(90624, 180006, 180006).texts(new RecoveryCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER recovery: ")
                    .contains("cannot export snapshots before PostgreSQL 10");
            assertThat(fromStandby.withOpenClosed().texts(new ClosedDatabaseCheck(), "closed"))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING closed-database: ")
                    .contains("is a standby", "database \"closed\"");
            assertThat(fromStandby.texts(CheckRun.named("unlogged-tables"), "plain"))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER unlogged-tables: ")
                    .contains("table public.t");

            assertThat(CheckRun.between(SOURCE, standby).texts(new RecoveryCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER recovery: target ")
                    .contains("where nothing can be written");
            assertThat(CheckRun.between(SOURCE, standby).texts(new ReadOnlyCheck()))
                    .as("the check recovery tells of it")
                    .isEmpty();
        }
    }

    @Test
    void noticesASessionThatMayNotWrite() throws SQLException {
        assertThat(RUN.texts(new ReadOnlyCheck())).isEmpty();
        assertThat(RUN.withReadOnlyTarget().texts(new ReadOnlyCheck()))
                .singleElement()
                .asString()
                .startsWith("BLOCKER read-only: target ")
                .contains("not by a pooler");
    }

    @Test
    void noticesWhoMayNotDoTheWork() throws SQLException {
        assertThat(RUN.texts(new PrivilegeCheck())).isEmpty();
        SOURCE.sql("postgres", "CREATE ROLE gc_reader LOGIN");
        TARGET.sql("postgres", "CREATE ROLE gc_nobody LOGIN");
        try {
            assertThat(RUN.withTargetUser("gc_nobody").texts(new PrivilegeCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER privileges: ")
                    .contains("role gc_nobody may not create databases");
            assertThat(RUN.withSourceUser("gc_reader").texts(new PrivilegeCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING privileges: ")
                    .contains("role gc_reader is no superuser");

            CheckRun reading = RUN.withSourceUser("gc_reader");
            assertThat(reading.texts(new ConnectPrivilegeCheck(), shop)).isEmpty();
            SOURCE.sql("postgres", "REVOKE CONNECT ON DATABASE " + shop + " FROM PUBLIC");
            assertThat(reading.texts(new ConnectPrivilegeCheck(), shop))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER connect-privilege: role gc_reader may not connect")
                    .contains("database \"" + shop + "\". ", "GRANT CONNECT ON DATABASE");
            assertThat(RUN.texts(new ConnectPrivilegeCheck(), shop))
                    .as("a superuser may")
                    .isEmpty();
        } finally {
            SOURCE.sql("postgres", "GRANT CONNECT ON DATABASE " + shop + " TO PUBLIC");
            SOURCE.sql("postgres", "DROP ROLE gc_reader");
            TARGET.sql("postgres", "DROP ROLE gc_nobody");
        }
    }

    @Test
    void weighsDatabasesAgainstTheTargetsDisk() throws SQLException {
        assertThat(RUN.texts(new TargetSpaceCheck(), shop)).isEmpty();
        CheckRun huge = RUN.withProperties(GroundChecksIT::huge);
        assertThat(huge.texts(new TargetSpaceCheck(), shop))
                .singleElement()
                .asString()
                .startsWith("BLOCKER target-space: the databases are ")
                .contains("the disk of target ", " free");
        TARGET.sql("postgres", "CREATE ROLE gc_builder LOGIN CREATEDB");
        try {
            assertThat(huge.withTargetUser("gc_builder").texts(new TargetSpaceCheck(), shop))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE target-space: ")
                    .contains("does not tell how much is free");
        } finally {
            TARGET.sql("postgres", "DROP ROLE gc_builder");
        }
    }

    private static DatabaseProperties huge(DatabaseProperties database) {
        return new DatabaseProperties(
                database.name(),
                database.oid(),
                new ByteSize(1L << 60),
                database.owner(),
                database.encoding(),
                database.collate(),
                database.ctype(),
                database.localeProvider(),
                database.locale(),
                database.icuRules(),
                database.tablespace(),
                database.connectionLimit(),
                database.isTemplate(),
                database.allowsConnections(),
                database.acl(),
                database.comment());
    }

    @Test
    void namesDatabasesThatCannotBeTakenAlong() throws SQLException {
        assertThat(RUN.texts(new LeftBehindDatabaseCheck())).isEmpty();
        assertThat(RUN.texts(new ClosedDatabaseCheck(), shop)).isEmpty();
        String closed = DATABASES.create("closed");
        String broken = DATABASES.create("broken");
        SOURCE.sql("postgres", "CREATE DATABASE azure_sys");
        try {
            SOURCE.sql("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
            assertThat(RUN.texts(new LeftBehindDatabaseCheck()))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE left-behind-database: ")
                    .contains("database \"azure_sys\"", "--include-db");

            SOURCE.sql("template0", "CREATE TABLE left_here (a integer)");
            SOURCE.sql("postgres", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + broken + "'");
            SOURCE.sql("postgres", "ALTER DATABASE " + closed + " ALLOW_CONNECTIONS false");
            List<String> found = RUN.texts(new LeftBehindDatabaseCheck());
            assertThat(found)
                    .hasSize(3)
                    .anyMatch(text -> text.startsWith("WARNING") && text.contains("database \"" + broken + "\""))
                    .anyMatch(text -> text.startsWith("WARNING") && text.contains("database \"template0\""));
            assertThat(RUN.texts(new ClosedDatabaseCheck(), shop, closed))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING closed-database: ")
                    .contains("database \"" + closed + "\"", "--open-closed-databases");
            assertThat(RUN.withOpenClosed().texts(new ClosedDatabaseCheck(), shop, closed))
                    .singleElement()
                    .asString()
                    .startsWith("NOTE closed-database: ")
                    .contains("for superusers only");
        } finally {
            SOURCE.sql("template0", "DROP TABLE IF EXISTS left_here");
            SOURCE.sql("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
            SOURCE.sql("postgres", "UPDATE pg_database SET datconnlimit = -1 WHERE datname = '" + broken + "'");
            SOURCE.sql("postgres", "ALTER DATABASE " + closed + " ALLOW_CONNECTIONS true");
            SOURCE.sql("postgres", "DROP DATABASE azure_sys");
        }
    }
}
