package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.database.ExtensionAdditionsCheck;
import io.pgconvoy.preflight.database.ExtensionRemovalsCheck;
import io.pgconvoy.preflight.database.ExtensionRowsCheck;
import io.pgconvoy.preflight.database.ExtensionTrial;
import io.pgconvoy.preflight.database.Extensions;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.SampleExtension;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users did to extensions and to their members, against what CREATE EXTENSION makes on the target. */
class ExtensionMemberChecksIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @BeforeAll
    static void offer() {
        SampleExtension.install("9.5");
        SampleExtension.install("14");
        SampleExtension.install("18");
    }

    /** hstore and citext of 9.5 are of versions that the target does not have, those of 14 it has. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesWhatUsersAdded(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("added");
            source.sql(name, """
                    CREATE SCHEMA "Ext";
                    CREATE EXTENSION hstore SCHEMA "Ext";
                    CREATE EXTENSION citext;
                    CREATE EXTENSION pgconvoy_sample;
                    CREATE TABLE "the table" (a integer);
                    INSERT INTO "the table" SELECT generate_series(1, 100);
                    CREATE SEQUENCE s;
                    CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                    CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE PROCEDURE e();
                    CREATE OPERATOR ### (PROCEDURE = int4eq, LEFTARG = integer, RIGHTARG = integer);
                    ALTER EXTENSION hstore ADD TABLE "the table";
                    ALTER EXTENSION hstore ADD SEQUENCE s;
                    ALTER EXTENSION citext ADD FUNCTION f(integer);
                    ALTER EXTENSION citext ADD EVENT TRIGGER t;
                    ALTER EXTENSION citext ADD OPERATOR ### (integer, integer);
                    ALTER TABLE sample.not_dumped ADD COLUMN b text, ADD CHECK (a > 0);
                    CREATE INDEX by_a ON sample.not_dumped (a);
                    CREATE POLICY few ON sample.setting USING (builtin);
                    """);

            List<Finding> findings = run(source, new ExtensionAdditionsCheck(extensions(), trial()), name);

            assertThat(findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.BLOCKER));
            assertThat(places(findings))
                    .containsExactlyInAnyOrder(
                            "event trigger t (extension citext)",
                            "function public.f(integer) (extension citext)",
                            "operator public.###(integer,integer) (extension citext)",
                            "sequence public.s (extension hstore)",
                            "table public.\"the table\" (extension hstore)",
                            "index sample.by_a (extension pgconvoy_sample)",
                            "policy few on sample.setting (extension pgconvoy_sample)",
                            "table column sample.not_dumped.b (extension pgconvoy_sample)",
                            "table constraint not_dumped_a_check on sample.not_dumped (extension pgconvoy_sample)");
            assertThat(TARGET.column("postgres", "SELECT extname FROM pg_extension"))
                    .as("the trial leaves nothing behind")
                    .containsExactly("plpgsql");
        }
    }

    @Test
    void namesMembersThatWereReplacedOrAltered() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("replaced");
            source.sql(name, """
                    CREATE EXTENSION pg_trgm;
                    CREATE OR REPLACE FUNCTION similarity(text, text) RETURNS real LANGUAGE sql AS 'SELECT 0.5::real';
                    ALTER FUNCTION show_trgm(text) SET search_path = public;
                    GRANT EXECUTE ON FUNCTION word_similarity(text, text) TO PUBLIC;
                    CREATE EXTENSION pgconvoy_sample;
                    ALTER TABLE sample.setting ENABLE ROW LEVEL SECURITY;
                    ALTER TABLE sample.whole ALTER COLUMN v SET NOT NULL;
                    """);

            List<Finding> findings = run(source, new ExtensionAdditionsCheck(extensions(), trial()), name);

            assertThat(findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
            assertThat(places(findings))
                    .containsExactly(
                            "function public.show_trgm(text) (extension pg_trgm)",
                            "function public.similarity(text,text) (extension pg_trgm)",
                            "table column sample.whole.v (extension pgconvoy_sample)",
                            "table sample.setting (extension pgconvoy_sample)");
        }
    }

    /** pg_dump carries no privileges on members over from such a server. */
    @Test
    void namesPrivilegesOfAServerBefore96() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("9.5");
        source.sql("postgres", "CREATE ROLE member_user");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("granted");
            source.sql(name, """
                    CREATE EXTENSION pg_trgm;
                    CREATE EXTENSION pgconvoy_sample;
                    CREATE EXTENSION pg_stat_statements;
                    GRANT SELECT ON sample.setting TO member_user;
                    GRANT EXECUTE ON FUNCTION show_trgm(text) TO member_user;
                    REVOKE EXECUTE ON FUNCTION similarity(text, text) FROM PUBLIC;
                    """);

            assertThat(places(run(source, new ExtensionAdditionsCheck(extensions(), trial()), name)))
                    .containsExactly(
                            "EXECUTE on function public.show_trgm(text) to member_user",
                            "SELECT on table sample.setting to member_user",
                            "no EXECUTE on function public.similarity(text,text) to PUBLIC");
        } finally {
            source.sql("postgres", "DROP ROLE member_user");
        }
    }

    @Test
    void namesWhatUsersTookOut() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("removed");
            source.sql(name, """
                    CREATE EXTENSION ltree;
                    CREATE EXTENSION pgconvoy_sample;
                    ALTER EXTENSION ltree DROP FUNCTION lca(ltree[]);
                    ALTER EXTENSION pgconvoy_sample DROP TABLE sample.not_dumped;
                    CREATE TABLE lca (a integer);
                    """);

            List<Finding> findings = run(source, new ExtensionRemovalsCheck(extensions(), trial()), name);

            assertThat(places(findings))
                    .containsExactly("function public.lca(public.ltree[])", "table sample.not_dumped");
        }
    }

    @Test
    void countsRowsThatStayBehind() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("rows");
            String other = databases.create("fewer");
            String changed = databases.create("changed");
            String untouched = databases.create("untouched");
            for (String each : List.of(name, other, changed, untouched)) {
                source.sql(each, "CREATE EXTENSION pgconvoy_sample");
            }
            source.sql(name, """
                    INSERT INTO sample.not_dumped VALUES (2), (3);
                    INSERT INTO sample.setting VALUES ('mine', '', false), ('theirs', '', true);
                    INSERT INTO sample.whole (v) VALUES ('carried over');
                    """);
            source.sql(other, "DELETE FROM sample.not_dumped");
            source.sql(
                    changed,
                    "UPDATE sample.not_dumped SET a = 5",
                    "UPDATE sample.setting SET value = 'x' WHERE builtin");

            assertThat(CheckRun.between(source, TARGET)
                            .texts(new ExtensionRowsCheck(extensions(), trial()), name, other, changed, untouched))
                    .hasSize(3)
                    .anyMatch(text -> text.startsWith("WARNING extension-rows: ")
                            && text.contains(changed + "\": table sample.not_dumped, table sample.setting"))
                    .anyMatch(text -> text.startsWith("BLOCKER extension-rows: ")
                            && text.contains("table sample.not_dumped (rows: 3, of a new extension 1)")
                            && text.contains("table sample.setting (rows: 2, of a new extension 1)")
                            && !text.contains("whole"))
                    .anyMatch(text -> text.startsWith("WARNING extension-rows: ")
                            && text.contains(other + "\": table sample.not_dumped (rows: 0, of a new extension 1)"));
        }
    }

    /** Members differ between versions, and no user had a hand in that. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void findsNothingInExtensionsAsTheyAre(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("plain");
            for (String extension : List.of(
                    "btree_gist", "citext", "cube", "hstore", "intarray", "ltree", "pg_stat_statements", "pg_trgm")) {
                source.sql(name, "CREATE EXTENSION " + extension);
            }
            Extensions extensions = extensions();
            ExtensionTrial trial = new ExtensionTrial(extensions);

            assertThat(run(source, new ExtensionAdditionsCheck(extensions, trial), name))
                    .isEmpty();
            assertThat(run(source, new ExtensionRemovalsCheck(extensions, trial), name))
                    .isEmpty();
            assertThat(run(source, new ExtensionRowsCheck(extensions, trial), name))
                    .isEmpty();
        }
    }

    private static Extensions extensions() {
        return new Extensions();
    }

    private static ExtensionTrial trial() {
        return new ExtensionTrial(new Extensions());
    }

    private static List<Finding> run(EmbeddedServer source, DatabaseCheck check, String database) throws SQLException {
        return CheckRun.between(source, TARGET).run(check, database);
    }

    private static List<String> places(List<Finding> findings) {
        return findings.stream()
                .flatMap(finding -> finding.places().stream())
                .map(place -> place.object().orElseThrow())
                .toList();
    }
}
