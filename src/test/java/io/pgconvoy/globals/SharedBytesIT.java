package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.RawText;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.RawStatement;
import io.pgconvoy.testing.ServerOptions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all databases share, and was written in a database of another encoding than UTF-8. */
class SharedBytesIT {
    private static final String ROLES = """
            SELECT rolname::text, rolconnlimit || COALESCE(shobj_description(oid, 'pg_authid'), '-')
              FROM pg_roles WHERE rolname LIKE 'r%'
            """;

    private static final String SETTINGS = """
            SELECT r.rolname::text, array_to_string(s.setconfig, ',')
              FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname LIKE 'r%'
            """;

    private static final String MEMBERS = """
            SELECT r.rolname::text, m.rolname || a.admin_option::text
              FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
             WHERE r.rolname LIKE 'r%'
            """;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void arrivesAsTheSameBytesAndASecondRunChangesNothing(String version) throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start(version);
                EmbeddedServer target =
                        EmbeddedServer.start(ServerOptions.of("18").withSetting("log_statement", "all"))) {
            source.sql("postgres", RawStatement.createDatabase("latin", "LATIN1"), "CREATE ROLE \"r\u00f4le\"");
            source.sql(
                    "latin",
                    "CREATE ROLE \"r\u00f4le\" LOGIN CONNECTION LIMIT 5 PASSWORD '" + RoleFleet.MD5 + "'",
                    "COMMENT ON ROLE \"r\u00f4le\" IS 'caf\u00e9 \\ \u00ff\u0080'",
                    "ALTER ROLE \"r\u00f4le\" SET app.x = 'cl\u00e9'",
                    "CREATE ROLE rx",
                    "GRANT rx TO \"r\u00f4le\" WITH ADMIN OPTION",
                    "ALTER ROLE rx SET app.x = '\u00e9'");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);
            List<String> announced = migration.preview().changes();

            GlobalsResult first = migration.apply();

            assertThat(first.failures()).isEmpty();
            assertThat(first.changes()).isEqualTo(announced);
            for (String query : List.of(ROLES, SETTINGS, MEMBERS)) {
                assertThat(bytes(target, query)).isNotEmpty().isEqualTo(bytes(source, query));
            }
            assertThat(target.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolconnlimit = 5"))
                    .isEqualTo(RoleFleet.MD5);
            assertThat(target.log()).doesNotContain(RoleFleet.MD5);
            assertThat(target.column("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'pgconvoy%'"))
                    .isEmpty();
            assertThat(migration.apply().changes()).isEmpty();
        }
    }

    @Test
    void isNamedWhereTheTargetsUserMayNotWriteIt() throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", RawStatement.createDatabase("latin", "LATIN1"));
            source.sql("latin", "CREATE ROLE \"r\u00f4le\"", "CREATE ROLE plain");
            target.sql("postgres", "CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'x'");

            GlobalsResult result = new GlobalsMigration(
                            Servers.source(source),
                            Servers.connect(Side.TARGET, target, "maker", "x"),
                            TablespaceChoice.SAME)
                    .apply();

            assertThat(result.warnings())
                    .map(RawText::printed)
                    .contains("could not create role \"r\\xf4le\": permission denied to create database");
            assertThat(result.changes()).contains("create role \"plain\"");
        }
    }

    /** In hexadecimal digits, of whichever encoding they are. */
    private static List<String> bytes(EmbeddedServer server, String query) throws SQLException {
        return server.column(
                "postgres",
                "SELECT encode(textsend(a), 'hex') || ' ' || encode(textsend(b), 'hex') FROM (" + query
                        + ") AS o (a, b) ORDER BY 1");
    }
}
