package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalsMigrationIT {
    private static final String TARGET_PASSWORD = "the target's own";

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void carriesAFleetOfRolesOverAndASecondRunChangesNothing(String version) throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start(version);
                EmbeddedServer target = EmbeddedServer.start(ServerOptions.of("18")
                        .withPassword(TARGET_PASSWORD)
                        .withSetting("log_statement", "all")
                        .withSetting("log_min_error_statement", "debug5"))) {
            RoleFleet.load(source);
            source.sql("postgres", "ALTER ROLE postgres PASSWORD 'of the source' CONNECTION LIMIT 7");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);
            List<String> announced = migration.preview().changes();

            GlobalsResult first = migration.apply();

            assertThat(first.failures()).isEmpty();
            assertThat(first.changes()).isEqualTo(announced);
            assertThat(RoleFleet.everything(target)).isEqualTo(RoleFleet.everything(source));
            List<String> settings = source.column("postgres", RoleFleet.SETTINGS);
            settings.removeIf(setting -> setting.contains("log_min_duration_statement"));
            assertThat(target.column("postgres", RoleFleet.SETTINGS)).isEqualTo(settings);
            assertThat(target.value("postgres", "SELECT rolsuper FROM pg_roles WHERE rolname = 'app'"))
                    .isEqualTo("f");
            // The target's superuser still has its password: these connections use it.
            assertThat(target.value("postgres", "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'postgres'"))
                    .isEqualTo("-1");
            assertThat(target.log()).doesNotContain(RoleFleet.MD5).doesNotContain(RoleFleet.SCRAM);
            assertThat(first.toString()).doesNotContain(RoleFleet.MD5).doesNotContain(RoleFleet.SCRAM);

            GlobalsResult second = migration.apply();

            assertThat(second.changes()).isEmpty();
            assertThat(second.failures()).isEmpty();
        }
    }

    @Test
    void alterationsReachARoleThatExistsAndNothingIsTakenAway() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE ROLE app LOGIN CREATEDB",
                    "CREATE ROLE team",
                    "CREATE ROLE other NOINHERIT",
                    "GRANT team TO app, other",
                    "ALTER ROLE app SET work_mem = '1MB'");
            target.sql(
                    "postgres",
                    "CREATE ROLE app SUPERUSER CONNECTION LIMIT 3 VALID UNTIL '2020-01-01' PASSWORD '" + RoleFleet.SCRAM
                            + "'",
                    "CREATE ROLE team",
                    "CREATE ROLE stays",
                    "GRANT stays TO app",
                    "COMMENT ON ROLE app IS 'kept'",
                    "ALTER ROLE app SET statement_timeout = 5",
                    "ALTER ROLE app SET work_mem = '2MB'");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);

            GlobalsResult result = migration.apply();

            assertThat(result.failures()).isEmpty();
            assertThat(result.changes())
                    .contains("alter role \"app\": NOSUPERUSER CREATEDB LOGIN CONNECTION LIMIT -1"
                            + " VALID UNTIL 'infinity'");
            assertThat(result.warnings()).anyMatch(warning -> warning.contains("keeps the one it has"));
            assertThat(target.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'"))
                    .isEqualTo(RoleFleet.SCRAM);
            assertThat(target.value("postgres", "SELECT setconfig FROM pg_db_role_setting"))
                    .isEqualTo("{statement_timeout=5,work_mem=1MB}");
            assertThat(target.column("postgres", RoleFleet.MEMBERSHIPS))
                    .containsExactly("app in stays in f", "app in team in f", "other in team in f");
            assertThat(target.value(
                            "postgres", "SELECT inherit_option FROM pg_auth_members WHERE member = 'other'::regrole"))
                    .isEqualTo("f");
            assertThat(migration.apply().changes()).isEmpty();
        }
    }

    @Test
    void aSettingThatTheTargetRefusesIsLostAlone() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE ROLE app",
                    "ALTER ROLE app SET default_with_oids = on",
                    "ALTER ROLE app SET sql_inheritance = on",
                    "ALTER ROLE app SET work_mem = '3MB'",
                    "ALTER ROLE ALL SET sql_inheritance = on",
                    "ALTER ROLE ALL SET search_path = public, \"$user\"");
            GlobalsResult result =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME).apply();
            GlobalsResult last = new DatabaseSetup(
                            Servers.source(source), Servers.target(target), TablespaceChoice.SAME)
                    .applySettingsOfEverybody();

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .containsExactly(
                            "could not set setting default_with_oids of role \"app\": tables declared WITH OIDS"
                                    + " are not supported",
                            "could not set setting sql_inheritance of role \"app\": unrecognized configuration"
                                    + " parameter \"sql_inheritance\"");
            assertThat(last.failures()).isEmpty();
            assertThat(last.warnings()).hasSize(1);
            assertThat(target.column("postgres", "SELECT setconfig FROM pg_db_role_setting ORDER BY setrole"))
                    .containsExactly("{\"search_path=public, \\\"$user\\\"\"}", "{work_mem=3MB}");
            assertThat(new DatabaseSetup(Servers.source(source), Servers.target(target), TablespaceChoice.SAME)
                            .applySettingsOfEverybody()
                            .changes())
                    .isEmpty();
        }
    }

    @Test
    void grantorsAndOptionsOfMembershipsSurviveBetweenNewServers() throws Exception {
        String query = """
                SELECT concat_ws(' ', roleid::regrole, member::regrole, grantor::regrole, admin_option, inherit_option,
                                 set_option)
                FROM pg_auth_members WHERE roleid >= 16384 ORDER BY 1
                """;
        try (EmbeddedServer source = EmbeddedServer.start("18");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql(
                    "postgres",
                    "CREATE ROLE a; CREATE ROLE b; CREATE ROLE c; CREATE ROLE team",
                    "GRANT team TO c WITH ADMIN TRUE, INHERIT FALSE",
                    "GRANT team TO b WITH ADMIN TRUE, SET FALSE GRANTED BY c",
                    "GRANT team TO a WITH INHERIT TRUE GRANTED BY b",
                    "GRANT team TO a WITH INHERIT FALSE, SET FALSE GRANTED BY c");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);

            assertThat(migration.apply().failures()).isEmpty();

            assertThat(target.column("postgres", query)).isEqualTo(source.column("postgres", query));
            assertThat(migration.apply().changes()).isEmpty();
        }
    }

    @Test
    void reservedRolesAreReportedAndTheOldBootstrapSuperuserIsAnOrdinaryRole() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE ROLE pg_mine", "CREATE ROLE rds_superuser", "CREATE ROLE app");
            source.sql("postgres", "GRANT rds_superuser TO app", "GRANT pg_mine TO app");
            source.sql("postgres", "CREATE ROLE helper SUPERUSER LOGIN");
            try (var connection =
                            Servers.connect(Side.SOURCE, source, "helper", "").open();
                    var statement = connection.createStatement()) {
                statement.execute("ALTER ROLE postgres RENAME TO admin");
            }
            try (var connection =
                            Servers.connect(Side.SOURCE, source, "helper", "").open();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE ROLE postgres NOLOGIN CONNECTION LIMIT 0");
            }
            GlobalsResult result = new GlobalsMigration(
                            Servers.connect(Side.SOURCE, source, "helper", ""),
                            Servers.target(target),
                            TablespaceChoice.SAME)
                    .apply();

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .anyMatch(warning -> warning.startsWith("role \"pg_mine\" is left out"))
                    .anyMatch(warning -> warning.startsWith("role \"rds_superuser\" is left out"))
                    .anyMatch(warning -> warning.startsWith("membership of \"app\" in \"pg_mine\" is left out"));
            assertThat(target.column(
                            "postgres", "SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY 1"))
                    .containsExactly("admin", "helper", "postgres");
        }
    }

    @Test
    void aUserWhoIsNoSuperuserDoesWhatItMayAndNamesTheRest() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("14");
                EmbeddedServer target =
                        EmbeddedServer.start(ServerOptions.of("18").withSetting("log_statement", "ddl"))) {
            source.sql(
                    "postgres",
                    "CREATE DATABASE shop",
                    "CREATE ROLE boss SUPERUSER LOGIN PASSWORD '" + RoleFleet.SCRAM + "'",
                    "CREATE ROLE maker CREATEDB CREATEROLE",
                    "CREATE ROLE copier REPLICATION",
                    "CREATE ROLE app LOGIN",
                    "ALTER DATABASE shop OWNER TO app",
                    "REVOKE CONNECT ON DATABASE shop FROM PUBLIC",
                    "ALTER DATABASE shop SET work_mem = '1MB'",
                    "ALTER DATABASE shop SET log_statement = 'all'",
                    "GRANT maker TO app WITH ADMIN OPTION",
                    "GRANT pg_monitor TO app");
            target.sql("postgres", "CREATE ROLE limited LOGIN CREATEROLE CREATEDB");
            GlobalsMigration migration = new GlobalsMigration(
                    Servers.source(source), Servers.connect(Side.TARGET, target, "limited", ""), TablespaceChoice.SAME);

            GlobalsResult result = migration.apply();

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .anyMatch(warning -> warning.contains("\"boss\": SUPERUSER is left out"))
                    .anyMatch(warning -> warning.contains("\"copier\": REPLICATION is left out"))
                    .anyMatch(warning -> warning.contains("its log has password hashes"))
                    .anyMatch(warning -> warning.contains("grant role \"pg_monitor\""));
            assertThat(target.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'boss'"))
                    .isEqualTo(RoleFleet.SCRAM);
            assertThat(target.column("postgres", RoleFleet.MEMBERSHIPS)).contains("app in maker in t");
            assertThat(migration.apply().changes()).isEmpty();
        }
    }

    @Test
    void aSourceUserWithoutAccessToPasswordsLeavesThemOut() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.6");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE ROLE app LOGIN PASSWORD 'secret'", "CREATE ROLE reader LOGIN");

            GlobalsResult result = new GlobalsMigration(
                            Servers.connect(Side.SOURCE, source, "reader", ""),
                            Servers.target(target),
                            TablespaceChoice.SAME)
                    .apply();

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .anyMatch(warning -> warning.contains(
                            "without a password; give them one by ALTER ROLE ... PASSWORD: \"app\", \"reader\""));
            assertThat(target.column("postgres", "SELECT rolname FROM pg_authid WHERE rolpassword IS NULL"))
                    .contains("app", "reader");
        }
    }

    @Test
    void aPasswordThatAnOldServerKeptInPlainTextIsHashedOnce() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("9.5");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE ROLE app LOGIN UNENCRYPTED PASSWORD 'pläin; text'");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);

            migration.apply();

            assertThat(target.value("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'"))
                    .startsWith("SCRAM-SHA-256$");
            assertThat(migration.apply().changes()).isEmpty();
        }
    }

    @Test
    void tablespacesAndParameterPrivilegesArrive() throws Exception {
        try (EmbeddedServer source = EmbeddedServer.start("18");
                EmbeddedServer target = EmbeddedServer.start("18")) {
            String gone = source.folder() + "/space";
            source.sql(
                    "postgres",
                    "CREATE ROLE app; CREATE ROLE admin CREATEROLE",
                    "SET allow_in_place_tablespaces = on",
                    "CREATE TABLESPACE \"in place\" OWNER admin LOCATION ''",
                    "COPY (SELECT 1 WHERE false) TO PROGRAM 'mkdir -p " + gone + "'",
                    "CREATE TABLESPACE used LOCATION " + Quote.literal(gone),
                    "COMMENT ON TABLESPACE \"in place\" IS 'fast; really'",
                    "ALTER TABLESPACE \"in place\" SET (random_page_cost = 1.5, seq_page_cost = 2)",
                    "GRANT CREATE ON TABLESPACE \"in place\" TO app",
                    "GRANT SET, ALTER SYSTEM ON PARAMETER work_mem TO admin WITH GRANT OPTION",
                    "GRANT SET ON PARAMETER work_mem TO PUBLIC",
                    "SET ROLE admin; GRANT SET ON PARAMETER work_mem TO app; RESET ROLE");
            target.sql("postgres", "ALTER SYSTEM SET allow_in_place_tablespaces = on", "SELECT pg_reload_conf()");
            target.sql("postgres", "SELECT pg_sleep(0.3)");
            GlobalsMigration migration =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME);

            GlobalsResult result = migration.apply();

            assertThat(result.failures()).isEmpty();
            assertThat(result.warnings())
                    .hasSize(1)
                    .allMatch(warning -> warning.startsWith("could not create tablespace \"used\""));
            for (String query : List.of(
                    "SELECT concat_ws('|', spcname, spcowner::regrole, spcacl, spcoptions,"
                            + " shobj_description(oid, 'pg_tablespace')) FROM pg_tablespace WHERE spcname <> 'used'",
                    "SELECT concat_ws('|', parname, paracl) FROM pg_parameter_acl")) {
                assertThat(target.column("postgres", query)).isEqualTo(source.column("postgres", query));
            }
            assertThat(migration.apply().changes()).isEmpty();
        }
    }
}
