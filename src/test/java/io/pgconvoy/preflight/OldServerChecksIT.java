package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.database.ColumnOptionsCheck;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.preflight.database.MissingRoleCheck;
import io.pgconvoy.preflight.server.RoleNameCheck;
import io.pgconvoy.preflight.server.RolePasswordCheck;
import io.pgconvoy.preflight.server.ServerChecks;
import io.pgconvoy.preflight.server.SettingNameCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the checks of the servers find on the oldest version that can be moved. */
class OldServerChecksIT {
    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("9.5").withoutSync());
        target = EmbeddedServer.shared("18");
        source.sql("postgres", "CREATE DATABASE shop");
        source.sql("shop", "CREATE TABLE t (i integer, j integer)");
    }

    @AfterAll
    static void stopServer() {
        if (source != null) {
            source.close();
        }
    }

    @Test
    void findNothingThatWouldStopAnOrdinaryServer() throws SQLException {
        for (Check check : Stream.concat(ServerChecks.all().stream(), DatabaseChecks.all().stream())
                .toList()) {
            assertThat(check().run(check, "shop"))
                    .as(check.name())
                    .allMatch(finding -> finding.severity() == Severity.NOTE);
        }
    }

    @Test
    void findColumnOptionsThatTheTargetRejects() throws SQLException {
        Check check = new ColumnOptionsCheck();
        source.sql("shop", "ALTER TABLE t ALTER COLUMN i SET (n_distinct = 5)");
        assertThat(check().run(check, "shop")).isEmpty();

        setOptions("{n_distinct=5,nonsense=1}");
        assertThat(texts(check().run(new ColumnOptionsCheck(), "shop")))
                .singleElement()
                .asString()
                .startsWith("BLOCKER columns have the option \"nonsense\", which target ")
                .endsWith(" rejects: database \"shop\": 1 table");

        setOptions("{pg_attver=4711}");
        boolean targetKnows =
                target.value("postgres", "SHOW server_version_num").compareTo("180007") >= 0;
        assertThat(texts(check().withTools(180006).run(new ColumnOptionsCheck(), "shop")))
                .hasSize(targetKnows ? 0 : 1)
                .allMatch(text -> text.startsWith("BLOCKER the source keeps the option pg_attver with every column"));
        assertThat(check().withTools(180007).run(new ColumnOptionsCheck(), "shop"))
                .isEmpty();
        // The question has left nothing.
        assertThat(target.column("postgres", "SELECT relname FROM pg_class WHERE relname ~ 'pgconvoy'"))
                .isEmpty();
        setOptions(null);
    }

    @Test
    void findNamesAndSettingsThatAreNoMore() throws SQLException {
        source.sql(
                "postgres",
                "CREATE ROLE pg_monitor",
                "CREATE ROLE pg_mine LOGIN UNENCRYPTED PASSWORD 'x'",
                "CREATE ROLE plain LOGIN UNENCRYPTED PASSWORD 'x'",
                "ALTER ROLE plain SET sql_inheritance = off",
                "ALTER ROLE plain SET work_mem = '5MB'",
                "ALTER ROLE plain SET my.own = 'x'",
                "ALTER DATABASE shop SET default_with_oids = on",
                "ALTER ROLE plain IN DATABASE shop SET sql_inheritance = off");
        source.sql("shop", "ALTER TABLE t OWNER TO pg_mine");
        try {
            // The target has a role pg_monitor of its own.
            assertThat(check().run(new RoleNameCheck(), "shop"))
                    .as("missing-roles names it")
                    .isEmpty();
            assertThat(texts(check().run(new MissingRoleCheck(), "shop")))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER ")
                    .endsWith("database \"shop\": role pg_mine (1 object, such as table public.t)");
            assertThat(texts(check().run(new RoleNameCheck(), "postgres")))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING ")
                    .endsWith(": role \"pg_mine\"");
            assertThat(texts(check().run(new SettingNameCheck(), "shop")))
                    .containsExactly(
                            "WARNING settings of roles and databases are unknown to the target, or have values that it"
                                    + " refuses, and are left out: sql_inheritance of role \"plain\"; database \"shop\": default_with_oids,"
                                    + " sql_inheritance of role \"plain\"");
            assertThat(check().withoutGlobals().run(new SettingNameCheck(), "postgres"))
                    .isEmpty();
            assertThat(texts(check().run(new RolePasswordCheck())))
                    .containsExactly(
                            "NOTE these roles have their passwords in plain text, which the target encrypts: role"
                                    + " \"plain\"");
        } finally {
            source.sql("shop", "ALTER TABLE t OWNER TO postgres");
            source.sql("postgres", "ALTER DATABASE shop RESET ALL");
            source.sql("postgres", "DROP ROLE pg_monitor, pg_mine, plain");
        }
    }

    private static void setOptions(String options) throws SQLException {
        source.sql(
                "shop",
                "UPDATE pg_attribute SET attoptions = " + (options == null ? "NULL" : "'" + options + "'")
                        + " WHERE attrelid = 't'::regclass AND attname = 'i'");
    }

    private static CheckRun check() {
        return CheckRun.between(source, target);
    }

    private static List<String> texts(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.severity() + " " + finding.sentence())
                .toList();
    }
}
