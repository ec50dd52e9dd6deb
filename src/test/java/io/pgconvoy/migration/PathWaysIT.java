package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ways in which something that a restore evaluates finds a name by the search path. Each is there twice: as it fails, which
 * check has to name, and with the schema's name, which it must not name. That it fails pg_dump and pg_restore prove.
 */
class PathWaysIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * A way.
     *
     * @param object what names the object in the restore's errors and in check's list; the other one's begins with fine
     * @param since the first version of the source that can have it
     * @param sql with {@code ~} for the object's name, {@code @} for the schema's name or nothing, and {@code #} for the
     *     operator ===
     */
    private record Way(String object, double since, String sql) {
        /** A function over integers with this body is indexed. */
        static Way inPlace(String name, double since, String place, String body) {
            return new Way("broken_" + name, since, """
                    CREATE FUNCTION app.f_~(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$%s$f$;
                    %s
                    """.formatted(body, place));
        }

        String as(boolean broken) {
            String name = broken ? object : object.replace("broken", "fine");
            return sql.replace("~", name)
                    .replace("@", broken ? "" : "public.")
                    .replace("#", broken ? "===" : "OPERATOR(public.===)");
        }
    }

    private static final String INDEX = """
            CREATE TABLE app.~ (a integer); INSERT INTO app.~ VALUES (1), (2); CREATE INDEX ON app.~ (app.f_~(a));
            """;
    private static final String CHECK = """
            CREATE TABLE app.~ (a integer CHECK (app.f_~(a) > 0)); INSERT INTO app.~ VALUES (1);
            """;
    private static final String MATERIALIZED = """
            CREATE TABLE app.of_~ (a integer); INSERT INTO app.of_~ VALUES (1);
            CREATE VIEW app.v_~ AS SELECT a FROM app.of_~;
            CREATE MATERIALIZED VIEW app.~ AS SELECT app.f_~(a) FROM app.v_~;
            """;

    private static final List<Way> WAYS = List.of(
            Way.inPlace("index_function", 9.5, INDEX, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("predicate", 9.5, """
                    CREATE TABLE app.~ (a integer); INSERT INTO app.~ VALUES (1);
                    CREATE INDEX ON app.~ (a) WHERE app.f_~(a) > 0;
                    """, "BEGIN IF $1 # 5 THEN RETURN 1; END IF; RETURN $1; END"),
            Way.inPlace("variable", 9.5, CHECK, "DECLARE m @mood := 'sad'; BEGIN RETURN $1; END"),
            Way.inPlace("column_type", 9.5, CHECK, "DECLARE k @look.k%TYPE := 1; BEGIN RETURN $1; END"),
            Way.inPlace("cast", 9.5, CHECK, "BEGIN PERFORM 'sad'::@mood; RETURN $1; END"),
            Way.inPlace("collation", 9.5, CHECK, """
                    BEGIN IF $1::text < 'a' COLLATE @coll THEN RETURN 1; END IF; RETURN $1; END"""),
            Way.inPlace("dynamic", 9.5, CHECK, """
                    DECLARE r integer; BEGIN EXECUTE 'SELECT @helper(' || $1 || ')' INTO r; RETURN r; END"""),
            Way.inPlace("table", 9.5, INDEX, "BEGIN RETURN $1 + (SELECT count(*) FROM @look); END"),
            Way.inPlace("dictionary", 12, """
                    CREATE TABLE app.~ (a integer, g integer GENERATED ALWAYS AS (app.f_~(a)) STORED);
                    INSERT INTO app.~ VALUES (1);
                    """, "BEGIN PERFORM to_tsvector('@words', $1::text); RETURN $1; END"),
            Way.inPlace("domain", 9.5, """
                    CREATE DOMAIN app.d_~ AS integer CHECK (app.f_~(VALUE) > 0);
                    CREATE TABLE app.~ (a app.d_~); INSERT INTO app.~ VALUES (1);
                    """, "BEGIN PERFORM '@look'::regclass; RETURN $1; END"),
            Way.inPlace("exclusion", 9.5, """
                    CREATE TABLE app.~ (a integer, EXCLUDE USING btree ((app.f_~(a)) WITH =));
                    INSERT INTO app.~ VALUES (1);
                    """, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("bound", 11, """
                    CREATE TABLE app.all_~ (a integer) PARTITION BY RANGE (app.f_~(a));
                    CREATE TABLE app.~ PARTITION OF app.all_~ FOR VALUES FROM (0) TO (10);
                    INSERT INTO app.all_~ VALUES (1);
                    """, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("view", 9.5, MATERIALIZED, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("nested", 9.5, """
                    CREATE FUNCTION app.outer_~(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT app.f_~($1)';
                    CREATE TABLE app.~ (a integer CHECK (app.outer_~(a) > 0)); INSERT INTO app.~ VALUES (1);
                    """, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("operator", 9.5, """
                    CREATE SCHEMA o_~;
                    CREATE FUNCTION app.less_~(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE
                        AS 'SELECT app.f_~($1) < $2';
                    CREATE OPERATOR o_~.<<< (LEFTARG = integer, RIGHTARG = integer, PROCEDURE = app.less_~);
                    CREATE TABLE app.~ (a integer CHECK (a OPERATOR(o_~.<<<) 100)); INSERT INTO app.~ VALUES (1);
                    """, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("class", 9.5, """
                    CREATE FUNCTION app.compare_~(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE
                        AS 'SELECT app.f_~($1) - $2 - 1';
                    CREATE OPERATOR CLASS app.c_~ FOR TYPE integer USING btree AS
                        OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
                        FUNCTION 1 app.compare_~(integer, integer);
                    CREATE TABLE app.~ (a integer); INSERT INTO app.~ VALUES (1), (2);
                    CREATE INDEX ON app.~ (a app.c_~);
                    """, "BEGIN RETURN @helper($1); END"),
            Way.inPlace("sum", 9.5, """
                    CREATE FUNCTION app.add_~(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE
                        AS 'SELECT $1 + app.f_~($2)';
                    CREATE AGGREGATE app.sum_~(integer) (SFUNC = app.add_~, STYPE = integer, INITCOND = '0');
                    CREATE TABLE app.of_~ (a integer); INSERT INTO app.of_~ VALUES (1);
                    CREATE MATERIALIZED VIEW app.~ AS SELECT app.sum_~(a) FROM app.of_~;
                    """, "BEGIN RETURN @helper($1); END"),
            new Way("broken_inlined_idx", 9.5, """
                    CREATE FUNCTION app.f_~(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT @helper($1)';
                    CREATE TABLE app.t_~ (a integer); CREATE INDEX ~ ON app.t_~ (app.f_~(a));
                    """),
            new Way("broken_when", 9.5, """
                    CREATE TABLE app.t_~ (j json);
                    CREATE TRIGGER ~ BEFORE UPDATE ON app.t_~ FOR EACH ROW WHEN (%s)
                        EXECUTE PROCEDURE public.nothing();
                    """),
            new Way("broken_policy", 9.5, """
                    CREATE TABLE app.t_~ (j json);
                    CREATE POLICY ~ ON app.t_~ USING (%s);
                    """));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void areNamedByCheckWhereARestoreFailsAndOnlyThere(String version) throws SQLException, IOException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        EmbeddedServer target = EmbeddedServer.shared("18");
        List<Way> ways = WAYS.stream()
                .filter(way -> way.since() <= Double.parseDouble(version))
                .toList();
        try (TestDatabases sources = TestDatabases.on(source);
                TestDatabases targets = TestDatabases.on(target)) {
            String database = fill(source, sources.create("ways"), ways);
            Path archive = folder.resolve("archive");
            PostgresTools.dump(source, database, "--format=custom", "--file=" + archive);
            String complaints = PostgresTools.restore(target, targets.create("restored"), archive, "--verbose");

            List<String> named = check(source, target, database);

            SoftAssertions all = new SoftAssertions();
            for (Way way : ways) {
                all.assertThat(errors(complaints))
                        .as("errors of pg_restore about " + way.object())
                        .anyMatch(error -> error.contains(way.object()));
                all.assertThat(named).as("found by check").anyMatch(finding -> finding.contains(way.object()));
            }
            all.assertThat(errors(complaints)).noneMatch(error -> error.contains("fine_"));
            // That an index reads a table is told of for another reason.
            all.assertThat(named)
                    .noneMatch(finding -> finding.contains("fine_") && !finding.contains("reads public.look"));
            all.assertAll();
        }
    }

    private static String fill(EmbeddedServer source, String database, List<Way> ways) throws SQLException {
        List<String> statements = new ArrayList<>(List.of("""
                CREATE SCHEMA app;
                CREATE TABLE public.look (k integer);
                CREATE TYPE public.mood AS ENUM ('happy', 'sad');
                CREATE COLLATION public.coll FROM "C";
                CREATE TEXT SEARCH CONFIGURATION public.words (COPY = pg_catalog.simple);
                CREATE FUNCTION public.helper(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
                CREATE FUNCTION public.same(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
                CREATE OPERATOR public.=== (LEFTARG = integer, RIGHTARG = integer, PROCEDURE = public.same);
                CREATE FUNCTION public.same(json, json) RETURNS boolean LANGUAGE sql IMMUTABLE
                    AS 'SELECT $1::text = $2::text';
                CREATE OPERATOR public.= (LEFTARG = json, RIGHTARG = json, PROCEDURE = public.same);
                CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                """));
        for (Way way : ways) {
            statements.add(condition(way.as(true), "IS DISTINCT FROM"));
            statements.add(condition(way.as(false), "OPERATOR(public.=)"));
        }
        if (Double.parseDouble(source.version()) >= 11) {
            statements.add("""
                    CREATE TYPE app.shade AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n');
                    CREATE TABLE app.fine_routed (s app.shade) PARTITION BY HASH (s);
                    CREATE TABLE app.fine_routed0 PARTITION OF app.fine_routed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
                    CREATE TABLE app.fine_routed1 PARTITION OF app.fine_routed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
                    INSERT INTO app.fine_routed SELECT unnest(enum_range(NULL::app.shade));
                    """);
        }
        source.sql(database, statements.toArray(String[]::new));
        return database;
    }

    private static String condition(String sql, String operator) {
        return sql.replace(
                "%s",
                sql.contains("CREATE TRIGGER") ? "OLD.j " + operator + " NEW.j" : "j " + operator + " '{}'::json");
    }

    /** Each error with the entry that it is from and the command, as far as it was told. */
    private static List<String> errors(String complaints) {
        return List.of(complaints.split("(?=pg_restore: (?:from TOC|creating|processing|executing))", -1)).stream()
                .filter(part -> part.contains("error:"))
                .toList();
    }

    private List<String> check(EmbeddedServer source, EmbeddedServer target, String database) throws IOException {
        Path json = folder.resolve("check.json");
        PgconvoyProcess.Result result = PgconvoyProcess.run(
                List.of(
                        "check",
                        "--from-host=" + source.host(),
                        "--from-port=" + source.port(),
                        "--to-host=" + target.host(),
                        "--to-port=" + target.port(),
                        "--include-db=" + database,
                        "--state-dir=" + folder.resolve("state"),
                        "--dump-root=" + folder.resolve("dumps"),
                        "--summary-json=" + json),
                Map.of(),
                PATIENCE);
        assertThat(result.exitCode()).as(result.stderr() + result.stdout()).isEqualTo(13);
        List<String> named = new ArrayList<>();
        for (JsonNode finding :
                new ObjectMapper().readTree(Files.readString(json)).get("findings")) {
            finding.get("places")
                    .forEach(place -> named.add(finding.get("severity").asText() + " "
                            + finding.get("check").asText() + ": "
                            + finding.get("what").asText() + ": "
                            + place.path("object").asText()));
        }
        return named.stream()
                .filter(finding -> !finding.startsWith("warning search-path"))
                .toList();
    }
}
