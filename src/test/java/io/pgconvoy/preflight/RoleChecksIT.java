package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.preflight.database.DroppedRoleCheck;
import io.pgconvoy.preflight.database.Extensions;
import io.pgconvoy.preflight.database.LanguageCheck;
import io.pgconvoy.preflight.database.LibraryCheck;
import io.pgconvoy.preflight.database.MissingRoleCheck;
import io.pgconvoy.preflight.database.SecurityLabelCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Roles, languages, libraries and label providers that a database refers to and the target lacks. */
class RoleChecksIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");
    private static final TestDatabases DATABASES = TestDatabases.on(SOURCE);

    private static String plain;

    @BeforeAll
    static void create() throws SQLException {
        plain = DATABASES.create("plain");
        SOURCE.sql(plain, "CREATE TABLE t (a integer); GRANT SELECT ON t TO pg_monitor");
    }

    @AfterAll
    static void drop() throws SQLException {
        DATABASES.close();
        SOURCE.sql("postgres", "DROP ROLE IF EXISTS rds_pf, \"pf other\"");
    }

    @Test
    void namesRolesThatTheTargetWillNotHave() throws SQLException {
        String database = DATABASES.create("owned");
        SOURCE.sql(database, "CREATE ROLE rds_pf", "CREATE ROLE \"pf other\"", """
                CREATE TABLE t (a integer);
                ALTER TABLE t OWNER TO rds_pf;
                CREATE TABLE u (a integer);
                GRANT SELECT ON u TO rds_pf, "pf other";
                """);
        CheckRun run = CheckRun.between(SOURCE, TARGET);

        assertThat(run.texts(new MissingRoleCheck(), plain, database))
                .as("a name that is reserved")
                .singleElement()
                .asString()
                .startsWith("BLOCKER missing-roles: ")
                .contains("database \"" + database + "\": role rds_pf (2 objects, such as table public.t). ")
                .doesNotContain("other", plain);
        assertThat(run.withoutGlobals().texts(new MissingRoleCheck(), database))
                .singleElement()
                .asString()
                .contains("role \"pf other\" (1 object, such as table public.u)", "role rds_pf");
        assertThat(run.withAllowedRestoreErrors().texts(new MissingRoleCheck(), database))
                .singleElement()
                .asString()
                .startsWith("WARNING");
        assertThat(run.texts(new MissingRoleCheck(), plain)).isEmpty();
    }

    @Test
    void namesObjectsThatReferToRolesWhichAreGone() throws SQLException {
        String database = DATABASES.create("orphaned");
        SOURCE.sql(database, "CREATE ROLE pf_leaver", """
                ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pf_leaver;
                CREATE EXTENSION pg_stat_statements;
                ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM pf_leaver;
                REVOKE SELECT ON pg_stat_statements FROM pf_leaver;
                DROP OWNED BY pf_leaver;
                CREATE TABLE granted (a integer, b integer);
                CREATE TABLE owned (a integer);
                GRANT SELECT (b) ON granted TO pf_leaver;
                ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO pf_leaver;
                DELETE FROM pg_authid WHERE rolname = 'pf_leaver';
                UPDATE pg_class SET relowner = 424242 WHERE relname = 'owned';
                """);

        assertThat(CheckRun.between(SOURCE, TARGET).texts(new DroppedRoleCheck(), plain, database))
                .hasSize(3)
                .anySatisfy(text -> assertThat(text)
                        .startsWith("BLOCKER dropped-roles: the privileges that objects of extensions began with")
                        .contains("view public.pg_stat_statements,", "view public.pg_stat_statements_info. "))
                .anySatisfy(text -> assertThat(text)
                        .startsWith("BLOCKER dropped-roles: objects belong")
                        .contains("table public.owned. "))
                .anySatisfy(text -> assertThat(text)
                        .startsWith("BLOCKER dropped-roles: privileges")
                        .contains("column b of table public.granted, default privileges on new sequences"));
        assertThat(CheckRun.between(SOURCE, TARGET).texts(new DroppedRoleCheck(), plain))
                .isEmpty();
    }

    @Test
    void namesLanguagesLibrariesAndLabelsWithoutTheirModules() throws SQLException {
        String database = DATABASES.create("modules");
        SOURCE.sql(database, """
                CREATE FUNCTION present() RETURNS language_handler LANGUAGE c
                    AS '$libdir/plpgsql', 'plpgsql_call_handler';
                CREATE FUNCTION absent() RETURNS language_handler LANGUAGE c
                    AS '$libdir/plpgsql', 'plpgsql_call_handler';
                UPDATE pg_proc SET probin = '$libdir/no_such' WHERE proname = 'absent';
                INSERT INTO pg_language SELECT 70001, 'plodd', 10, true, true, lanplcallfoid, laninline, lanvalidator
                    FROM pg_language WHERE lanname = 'plpgsql';
                INSERT INTO pg_seclabel VALUES ('absent'::regproc, 'pg_proc'::regclass, 0, 'no one''s', 'secret');
                """);
        CheckRun run = CheckRun.between(SOURCE, TARGET);
        LanguageCheck languages = new LanguageCheck(new Extensions());

        assertThat(run.texts(languages, plain, database))
                .singleElement()
                .asString()
                .startsWith("BLOCKER languages: the target has no procedural language plodd: database \"" + database);
        assertThat(run.texts(new LibraryCheck(), plain, database))
                .singleElement()
                .asString()
                .startsWith("BLOCKER libraries: the target has no library $libdir/no_such")
                .contains("function public.absent. ");
        assertThat(run.texts(new SecurityLabelCheck(), plain, database))
                .singleElement()
                .asString()
                .startsWith("BLOCKER security-labels: ")
                .contains("no one's: database \"" + database)
                .doesNotContain("secret");
        assertThat(run.withAllowedRestoreErrors().texts(new SecurityLabelCheck(), database))
                .singleElement()
                .asString()
                .startsWith("WARNING");
    }
}
