package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.database.SystemObjectsCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.inventory.InventoryComparison;
import io.pgconvoy.verify.inventory.InventoryReader;
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
        source.sql("postgres", "CREATE ROLE system_owner");
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
                    CREATE COLLATION pg_catalog.ours (lc_collate = 'C', lc_ctype = 'C');
                    ALTER TYPE json OWNER TO system_owner;
                    ALTER TEXT SEARCH CONFIGURATION english DROP MAPPING FOR url;
                    ALTER TEXT SEARCH CONFIGURATION german ALTER MAPPING FOR word WITH simple;
                    ALTER TEXT SEARCH DICTIONARY english_stem (language = 'german');
                    ALTER TABLE information_schema.sql_features ENABLE ROW LEVEL SECURITY;
                    CREATE OR REPLACE VIEW information_schema.information_schema_catalog_name AS
                        SELECT 'other'::information_schema.sql_identifier AS catalog_name;
                    UPDATE pg_cast SET castcontext = 'i' WHERE castsource = 'float8'::regtype AND casttarget = 'integer'::regtype;
                    UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c';
                    """);
            List<String> made = List.of(
                    "collation pg_catalog.ours",
                    "function pg_catalog.ours(integer)",
                    "index information_schema.by_name",
                    "operator pg_catalog.###(integer,integer)",
                    "sequence information_schema.notes_a_seq",
                    "table information_schema.notes",
                    "type pg_catalog.mood",
                    "view information_schema.mine");
            List<String> changed = List.of(
                    "cast (double precision AS integer) (definition)",
                    "function now() (comment)",
                    "function upper(text) (definition)",
                    "language c (definition)",
                    "table information_schema.sql_features (definition)",
                    "text search configuration english (definition)",
                    "text search configuration german (definition)",
                    "text search dictionary english_stem (definition)",
                    "type json (owner)",
                    "view information_schema.information_schema_catalog_name (definition)");

            List<Finding> findings = CheckRun.between(source, TARGET).run(new SystemObjectsCheck(), name);

            assertThat(CheckRun.between(source, TARGET).run(new SystemObjectsCheck(), plain))
                    .isEmpty();
            assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKER, Severity.WARNING);
            assertThat(findings.get(0).places())
                    .extracting(place -> place.object().orElseThrow())
                    .containsExactlyElementsOf(made);
            assertThat(findings.get(1).places())
                    .extracting(place -> place.object().orElseThrow())
                    .containsExactlyElementsOf(changed);
            assertThat(InventoryComparison.compare(read(source, name), read(TARGET, arrived)))
                    .filteredOn(difference -> !difference.kind().equals("cast"))
                    .extracting(Difference::object)
                    .containsAll(made)
                    .hasSize(made.size() + changed.size());
        } finally {
            source.sql("postgres", "DROP ROLE system_owner");
        }
    }

    private static Inventory read(EmbeddedServer server, String database) {
        try (Session session = server.session(database)) {
            return session.rolledBack(InventoryReader::read);
        }
    }
}
