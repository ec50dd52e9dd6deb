package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.database.ImplicitOperatorsCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators that a restore would look for in pg_catalog. */
class ImplicitOperatorsCheckIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    private static final String ANY_VERSION = """
            CREATE EXTENSION citext;
            CREATE SCHEMA "own ones";
            CREATE EXTENSION hstore SCHEMA "own ones";
            SET search_path = public, "own ones";
            CREATE TABLE a (x citext, t text, n integer, h "own ones".hstore, CHECK (x IS DISTINCT FROM 'bad'),
                z integer DEFAULT (CASE 'a'::citext WHEN 'A' THEN 1 ELSE 2 END));
            CREATE VIEW by_distinct AS SELECT n FROM a WHERE x IS NOT DISTINCT FROM t::citext;
            CREATE VIEW by_nullif AS SELECT nullif(x, 'a') FROM a;
            CREATE VIEW by_case AS SELECT CASE x WHEN 'A' THEN 1 END FROM a;
            CREATE VIEW by_using AS SELECT count(*) FROM a JOIN a b USING (n, x);
            CREATE VIEW by_natural AS SELECT count(*) FROM a NATURAL JOIN (SELECT x FROM a) b;
            CREATE VIEW by_rows AS SELECT n FROM a WHERE (t, x) NOT IN (SELECT t, x FROM a);
            CREATE VIEW by_order AS SELECT n FROM a WHERE (t, x) < (t, 'b');
            CREATE POLICY p ON a USING (x IS NOT DISTINCT FROM 'a');
            CREATE RULE r AS ON INSERT TO by_nullif WHERE nullif('a'::citext, 'A') IS NULL DO INSTEAD NOTHING;
            CREATE INDEX by_index ON a ((nullif(x, 'a'))) WHERE x IS DISTINCT FROM 'b';
            CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW
                WHEN (old.h IS DISTINCT FROM new.h) EXECUTE PROCEDURE changed();
            CREATE DOMAIN d AS citext CHECK (value IS DISTINCT FROM 'x');

            CREATE VIEW written AS SELECT n, CASE WHEN x = 'a' THEN 1 END FROM a
                WHERE x = 'b' AND x IN ('a', 'b') AND x <> ALL (SELECT x FROM a) AND (x, n) IN (('a', 1), ('b', 2))
                  AND (x, x) IN (SELECT x, x FROM a) AND (x, x) < ('a', 'b') AND x BETWEEN 'a' AND 'c';
            CREATE VIEW sorted AS SELECT x, count(*) FROM a GROUP BY x UNION SELECT DISTINCT x, 1 FROM a ORDER BY 1;
            CREATE VIEW built_in AS SELECT nullif(t, 'a'), CASE n WHEN 1 THEN 2 END FROM a JOIN a b USING (t, n)
                WHERE n IS DISTINCT FROM 1 AND (t, n) IN (SELECT t, n FROM a) AND a.x = 'a';
            """;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesWhatItsTextDoesNotTell(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("operators");
            source.sql(name, ANY_VERSION);
            boolean later = !version.startsWith("9.");
            if (later) {
                source.sql(name, """
                        CREATE FUNCTION body(c citext) RETURNS boolean RETURN c IS DISTINCT FROM 'a';
                        CREATE STATISTICS s ON (nullif(x, 'a')), n FROM a;
                        CREATE TABLE g (x citext, b boolean GENERATED ALWAYS AS (x IS DISTINCT FROM 'a') STORED);
                        CREATE TABLE part (x citext) PARTITION BY RANGE ((nullif(x, 'a')));
                        """);
            }

            List<Finding> findings = CheckRun.between(source, TARGET).run(new ImplicitOperatorsCheck(), name);

            assertThat(findings)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.BLOCKER));
            List<String> places = findings.get(0).places().stream()
                    .map(place -> place.object().orElseThrow())
                    .toList();
            assertThat(places)
                    .contains(
                            "view public.by_distinct (IS DISTINCT FROM by public.=)",
                            "view public.by_nullif (NULLIF by public.=)",
                            "view public.by_case (CASE ... WHEN by public.=)",
                            "view public.by_using (JOIN ... USING by public.=)",
                            "view public.by_natural (JOIN ... USING by public.=)",
                            "view public.by_rows (a comparison of rows by public.=)",
                            "view public.by_order (a comparison of rows by public.<)",
                            "table column public.a.z (CASE ... WHEN by public.=)",
                            "table constraint a_x_check on public.a (IS DISTINCT FROM by public.=)",
                            "policy p on public.a (IS DISTINCT FROM by public.=)",
                            "rule r on public.by_nullif (NULLIF by public.=)",
                            "index public.by_index (NULLIF by public.=)",
                            "index public.by_index (IS DISTINCT FROM by public.=)",
                            "trigger t on public.a (IS DISTINCT FROM by \"own ones\".=)",
                            "domain constraint d_check on public.d (IS DISTINCT FROM by public.=)")
                    .hasSize(later ? 19 : 15);
            if (later) {
                assertThat(places)
                        .contains(
                                "function public.body(public.citext) (IS DISTINCT FROM by public.=)",
                                "statistics object public.s (NULLIF by public.=)",
                                "table column public.g.b (IS DISTINCT FROM by public.=)",
                                "table public.part (NULLIF by public.=)");
            }
        }
    }
}
