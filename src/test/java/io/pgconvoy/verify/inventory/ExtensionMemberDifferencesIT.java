package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.objects.KnownMembers;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.SampleExtension;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That what belongs to an extension without being its own is compared. */
class ExtensionMemberDifferencesIT {
    private static final String EXTENSIONS = """
            CREATE EXTENSION hstore;
            CREATE EXTENSION btree_gist;
            CREATE EXTENSION "uuid-ossp";
            CREATE EXTENSION pgconvoy_sample;
            """;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void tellsWhatUsersAddedFromWhatVersionsChanged(String version) throws SQLException {
        SampleExtension.install(version);
        SampleExtension.install("18");
        EmbeddedServer source = EmbeddedServer.shared(version);
        EmbeddedServer target = EmbeddedServer.shared("18");
        try (TestDatabases here = TestDatabases.on(source);
                TestDatabases there = TestDatabases.on(target)) {
            String plain = here.create("plain");
            String added = here.create("added");
            String arrived = there.create("arrived");
            source.sql(plain, EXTENSIONS);
            source.sql(added, EXTENSIONS + """
                    CREATE TABLE t (a integer);
                    ALTER EXTENSION "uuid-ossp" ADD TABLE t;
                    CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
                    ALTER EXTENSION hstore ADD FUNCTION f(integer);
                    INSERT INTO sample.not_dumped VALUES (2);
                    CREATE TRIGGER g BEFORE UPDATE ON sample.setting FOR EACH ROW
                        EXECUTE PROCEDURE suppress_redundant_updates_trigger();
                    """);
            target.sql(arrived, "GRANT CREATE ON SCHEMA public TO PUBLIC;" + EXTENSIONS);

            assertThat(InventoryComparison.compare(read(source, plain), read(target, arrived)))
                    .isEmpty();
            assertThat(InventoryComparison.compare(read(source, added), read(target, arrived)))
                    .extracting(Difference::sentence)
                    .containsExactlyInAnyOrder(
                            "table public.t of extension \"uuid-ossp\" is missing on the target",
                            "function public.f(integer) of extension hstore is missing on the target",
                            "trigger g on sample.setting of extension pgconvoy_sample is missing on the target",
                            "table sample.not_dumped of extension pgconvoy_sample has 2 rows on the source and 1 on the"
                                    + " target, of those that the extension keeps to itself");
        }
    }

    /** Pieces of our questions stand in braces as well. */
    @Test
    void takesNamesWithBracesAsTheyAre() throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared("18");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String plain = databases.create();
            String added = databases.create();
            server.sql(plain, "CREATE EXTENSION \"uuid-ossp\"");
            server.sql(added, """
                    CREATE EXTENSION "uuid-ossp";
                    CREATE TABLE "t{user_oid}" (a integer);
                    ALTER EXTENSION "uuid-ossp" ADD TABLE "t{user_oid}";
                    """);

            assertThat(InventoryComparison.compare(read(server, added), read(server, plain)))
                    .extracting(Difference::sentence)
                    .containsExactly(
                            "table public.\"t{user_oid}\" of extension \"uuid-ossp\" is missing on the target",
                            "type public.\"t{user_oid}\" of extension \"uuid-ossp\" is missing on the target",
                            "type public.\"t{user_oid}\"[] of extension \"uuid-ossp\" is missing on the target");
        }
    }

    /** What is known of another database is that of each that has the same, and of no other. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void takesWhatIsKnownForTheSameOnly(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String first = databases.create();
            String second = databases.create();
            String changed = databases.create();
            String more = databases.create();
            String without = databases.create();
            server.sql(changed, "ALTER FUNCTION plpgsql_validator(oid) STABLE");
            server.sql(more, "CREATE TABLE t (a integer); ALTER EXTENSION plpgsql ADD TABLE t");
            server.sql(without, "DROP EXTENSION plpgsql");
            KnownMembers known = new KnownMembers();
            Inventory plain = read(server, first, known);

            for (String database : List.of(second, changed, more, without)) {
                assertThat(read(server, database, known)).as(database).isEqualTo(read(server, database));
            }
            assertThat(read(server, second, known)).isEqualTo(plain);
            assertThat(read(server, changed, known)).isNotEqualTo(plain);
        }
    }

    private static Inventory read(EmbeddedServer server, String database) {
        return read(server, database, new KnownMembers());
    }

    private static Inventory read(EmbeddedServer server, String database, KnownMembers known) {
        try (Session session = server.session(database)) {
            return session.rolledBack(transaction -> InventoryReader.read(transaction, known));
        }
    }
}
