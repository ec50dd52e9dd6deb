package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.Difference;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.inventory.InventoryComparison;
import io.pgconvoy.verify.inventory.InventoryReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users made in the server's own schemas and changed of its objects: named before, a difference after. */
class SystemObjectsCheckIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesWhatIsInTheServersSchemas(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source);
                TestDatabases there = TestDatabases.on(TARGET)) {
            String plain = databases.create("plain");
            String name = databases.create("system");
            String arrived = there.create("arrived");
            source.sql(plain, "CREATE EXTENSION hstore; CREATE TABLE t (a serial PRIMARY KEY)");
            TARGET.sql(arrived, "GRANT CREATE ON SCHEMA public TO PUBLIC");
            source.sql(name, """
                    CREATE FUNCTION pg_catalog.ours(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
                    CREATE OPERATOR pg_catalog.### (PROCEDURE = int4eq, LEFTARG = integer, RIGHTARG = integer);
                    CREATE TYPE pg_catalog.mood AS ENUM ('good');
                    CREATE TABLE information_schema.notes (a serial PRIMARY KEY, b text);
                    CREATE VIEW information_schema.mine AS SELECT 1 AS one;
                    CREATE INDEX by_name ON information_schema.sql_features (feature_name);
                    COMMENT ON FUNCTION pg_catalog.now() IS 'what time is it';
                    ALTER FUNCTION pg_catalog.upper(text) SET work_mem = '8MB';
                    CREATE CAST (mood AS integer) WITH INOUT;
                    """);
            List<String> made = List.of(
                    "function pg_catalog.ours(integer)",
                    "index information_schema.by_name",
                    "operator pg_catalog.###(integer,integer)",
                    "sequence information_schema.notes_a_seq",
                    "table information_schema.notes",
                    "type pg_catalog.mood",
                    "view information_schema.mine");

            List<Finding> findings = CheckRun.between(source, TARGET).run(new SystemObjectsCheck(), name);

            assertThat(CheckRun.between(source, TARGET).run(new SystemObjectsCheck(), plain))
                    .isEmpty();
            assertThat(findings)
                    .extracting(Finding::severity)
                    .containsExactly(Finding.Severity.BLOCKER, Finding.Severity.WARNING);
            assertThat(findings.get(0).places())
                    .extracting(place -> place.object().orElseThrow())
                    .containsExactlyElementsOf(made);
            assertThat(findings.get(1).places())
                    .extracting(place -> place.object().orElseThrow())
                    .containsExactly("function now() (comment)", "function upper(text) (definition)");
            assertThat(InventoryComparison.compare(read(source, name), read(TARGET, arrived)))
                    .filteredOn(difference -> !difference.kind().equals("cast"))
                    .extracting(Difference::object)
                    .containsAll(made)
                    .contains("function now()", "function upper(text)")
                    .hasSize(made.size() + 2);
        }
    }

    private static Inventory read(EmbeddedServer server, String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            connection.setAutoCommit(false);
            return InventoryReader.read(
                    connection,
                    new ServerVersion(Integer.parseInt(
                            server.column(database, "SHOW server_version_num").get(0))));
        }
    }
}
