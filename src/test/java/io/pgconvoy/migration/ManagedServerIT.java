package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user on both sides who is no superuser, but may create roles and databases. */
class ManagedServerIT {
    private static final String SCHEMA = "o'dd \"\"schema\"\";";

    /** Memberships that the service's superuser did not grant: none of admin's own is to be left. */
    private static final String OWN = "m.member = m.grantor";

    private static final String SETTINGS =
            "SELECT name || setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'";

    /** Owners and privileges, with the names that both servers have in common. */
    private static final String RIGHTS = """
            SELECT c.relname || ' ' || pg_get_userbyid(c.relowner) || ' ' || COALESCE(a.text, '')
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN LATERAL (SELECT string_agg(x::text, ' ' ORDER BY x::text) AS text
                              FROM (SELECT pg_get_userbyid(e.grantor), pg_get_userbyid(e.grantee),
                                           e.privilege_type, e.is_grantable
                                      FROM aclexplode(c.relacl) e WHERE e.grantee <> c.relowner
                                    UNION ALL
                                    SELECT pg_get_userbyid(e.grantor), pg_get_userbyid(e.grantee),
                                           t.attname || e.privilege_type, e.is_grantable
                                      FROM pg_attribute t, aclexplode(t.attacl) e WHERE t.attrelid = c.oid)
                                   AS x (grantor, grantee, privilege, grantable)) AS a ON true
             WHERE n.nspname = 'o''dd "schema";' AND c.relkind IN ('r', 'v', 'S') ORDER BY 1
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"9.6, DUMP", "14, DUMP", "14, STREAM"})
    void movesWhatItMayAndNamesTheRest(String version, Transport transport) throws Exception {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of(version).withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            ManagedFleet.takeOver(source);
            ManagedFleet.takeOver(target);
            ManagedFleet.endow(target);
            ManagedFleet.load(source);
            List<String> rolesBefore = ManagedFleet.roles(target, "true");
            Move move = new Move(source, target, folder).by(transport);

            assertRefusesWhatItMayNotRead(move, target);
            ManagedFleet.open(source);
            killWhileItDumps(move, source);
            assertThat(ManagedFleet.roles(target, OWN))
                    .anyMatch(line -> line.startsWith("admin ") && line.contains("auditor by admin"));

            Move.Moved moved = run(move, "--exclude-db=remote");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.output()).doesNotContain("secret").doesNotContain("Exception");
            assertThat(moved.output()).contains("managed service's own database is left behind: database \"rdsadmin\"");
            assertNamesWhatIsLeftOut(moved, version);
            assertArrived(source, target);
            // From the roles that it made itself, admin has what the server gives it; nothing else is different.
            assertThat(ManagedFleet.roles(
                            target,
                            "m.roleid IN (SELECT oid FROM pg_authid WHERE rolname LIKE 'pg\\_%' OR"
                                    + " rolname = 'rds_superuser') OR " + OWN))
                    .containsExactlyElementsOf(withMembershipsOfTheSource(rolesBefore));
            assertThat(target.column("postgres", SETTINGS)).isEmpty();
            assertThat(borrowed()).isEmpty();

            assertFailsWhereAnExtensionIsRefused(run(move));
        }
    }

    private static Move.Moved run(Move move, String... options) {
        return move.run(Stream.concat(Stream.of("--from-user=admin", "--to-user=admin"), Stream.of(options))
                .toArray(String[]::new));
    }

    private void assertRefusesWhatItMayNotRead(Move move, EmbeddedServer target) throws SQLException {
        Move.Moved refused = run(move);
        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(13);
        assertThat(refused.result().stderr())
                .contains("database \"shop\"")
                .contains("role admin may not read these")
                .contains("table public.of_theirs, large object 700002");
        assertThat(target.column("postgres", "SELECT rolname FROM pg_roles WHERE rolname = 'app_owner'"))
                .isEmpty();
    }

    private static void killWhileItDumps(Move move, EmbeddedServer source) throws SQLException {
        try (Connection connection = source.connect("shop");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE public.of_theirs IN ACCESS EXCLUSIVE MODE");
            try (PgconvoyProcess killed = move.start("--from-user=admin", "--to-user=admin", "--include-db=shop")) {
                killed.awaitLine("pgconvoy waits for table .*of_theirs", Duration.ofSeconds(60));
                killed.signal("KILL");
                assertThat(killed.endsWithin(Duration.ofSeconds(20))).isTrue();
            }
            connection.rollback();
        }
    }

    private static void assertNamesWhatIsLeftOut(Move.Moved moved, String version) {
        List<String> warnings = moved.texts("warnings");
        for (String part : List.of(
                "the target is not tuned",
                "role \"boss\": SUPERUSER is left out",
                "role \"copier\": REPLICATION is left out",
                "role \"auditor\": BYPASSRLS is left out",
                "so these roles are created without a password",
                "could not alter role \"theirs\": CONNECTION LIMIT 9",
                "could not set setting log_statement of role \"writer\"",
                "database \"their's\" belongs to \"admin\"",
                "may not act as these roles, so what they own becomes its own: \"theirs\"",
                "table public.of_theirs belongs to \"admin\": \"admin\" may not give it to \"theirs\"",
                "large object 700002 belongs to \"admin\"",
                "ALTER DEFAULT PRIVILEGES FOR ROLE \"theirs\"",
                "could not grant USAGE ON LANGUAGE plpgsql TO \"reader\"",
                "left out: CREATE EVENT TRIGGER \"no; tice\"")) {
            assertThat(warnings).as(part).anyMatch(warning -> warning.contains(part));
        }
        if (!version.startsWith("9.")) {
            assertThat(warnings)
                    .anyMatch(warning -> warning.contains("left out: CREATE PUBLICATION \"everything\" FOR ALL TABLES"))
                    .anyMatch(warning -> warning.contains("subscriptions stay behind: ")
                            && warning.contains("database \"shop\": subscription incoming"));
        }
        assertThat(moved.outcomes()).containsEntry("shop", "warnings").containsEntry("their's", "warnings");
    }

    private static void assertArrived(EmbeddedServer source, EmbeddedServer target) throws SQLException {
        assertThat(target.column("shop", RIGHTS))
                .isEqualTo(source.column("shop", RIGHTS))
                .anyMatch(line -> line.startsWith("note writer"));
        for (String table : List.of("customer", "orders", "secret", "note", "shut", "total")) {
            String query =
                    "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"" + SCHEMA + "\"." + table + " t";
            assertThat(target.value("shop", query)).as(table).isEqualTo(source.value("shop", query));
        }
        assertThat(target.value(
                        "shop",
                        "SELECT has_table_privilege('app_owner', oid, 'INSERT') FROM pg_class WHERE"
                                + " relname = 'shut'"))
                .as("not even its owner may insert")
                .isEqualTo("f");
        assertThat(target.value("shop", "SELECT count(*) FROM public.of_theirs"))
                .isEqualTo("20");
        assertThat(target.value(
                        "shop",
                        "SELECT relrowsecurity::text || relforcerowsecurity FROM pg_class WHERE relname = 'secret'"))
                .isEqualTo("truetrue");
        String largeObjects = "SELECT oid || pg_get_userbyid(lomowner) || lomacl::text || lo_get(oid)"
                + " FROM pg_largeobject_metadata WHERE oid = 700001";
        assertThat(target.value("shop", largeObjects)).isEqualTo(source.value("shop", largeObjects));
        String database = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'";
        assertThat(target.value("postgres", database)).isEqualTo("app_owner");
        // No right to create, lent for the ownership alone, is left.
        assertThat(target.value(
                        "shop",
                        "SELECT has_schema_privilege('writer', oid, 'CREATE') FROM pg_namespace WHERE"
                                + " nspname = 'o''dd \"schema\";'"))
                .isEqualTo("f");
        assertThat(target.value(
                        "postgres",
                        "SELECT rolconnlimit || array_to_string(setconfig, ',') FROM pg_roles r JOIN"
                                + " pg_db_role_setting s ON s.setrole = r.oid WHERE rolname = 'writer'"))
                .isEqualTo("5work_mem=3MB");
        assertThat(target.column(
                        "postgres",
                        "SELECT member::regrole::text FROM pg_auth_members WHERE admin_option AND"
                                + " roleid = 'reader'::regrole"))
                .contains("writer");
    }

    /** On the source admin is a member of two roles, and so it becomes one on the target, for good. */
    private static List<String> withMembershipsOfTheSource(List<String> roles) {
        return roles.stream()
                .map(line -> line.startsWith("admin ")
                        ? line.replaceFirst("(-{2})", "$1app_owner by adminfalsetruetrue, ")
                                + ", writer by adminfalsetruetrue"
                        : line)
                .toList();
    }

    private static void assertFailsWhereAnExtensionIsRefused(Move.Moved moved) {
        assertThat(moved.exitCode()).as(moved.output()).isEqualTo(3);
        assertThat(moved.outcomes()).containsEntry("remote", "failed").containsEntry("shop", "earlier");
        assertThat(moved.database("remote").get("detail").asText())
                .contains("permission denied to create extension \"postgres_fdw\"");
    }

    private List<Path> borrowed() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            return files.filter(file -> file.endsWith("borrowed-roles.json")).toList();
        }
    }
}
