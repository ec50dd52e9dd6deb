package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.preflight.database.Extensions;
import io.pgconvoy.preflight.database.LanguageCheck;
import io.pgconvoy.preflight.database.LibraryCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of these objects was seen to fail in a restore into 18, and the ordinary ones to arrive. */
class RemovedFeaturesIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @Test
    void namesWhatOnly9Has() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("9.5");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String database = databases.create("old \"x");
            source.sql(database, """
                    CREATE TABLE moments (id int, a abstime, r reltime DEFAULT '1 day', s abstime[]);
                    CREATE DOMAIN moment AS abstime;
                    CREATE TYPE pair AS (x int, y tinterval);
                    CREATE FUNCTION later(abstime) RETURNS int LANGUAGE sql AS 'SELECT 1';
                    CREATE FUNCTION printed(int) RETURNS text LANGUAGE internal AS 'abstimeout';
                    CREATE TABLE "Ein ""Ding" (u int, f numeric CHECK (f > numeric_fac(3)), g text DEFAULT to_regclass('x'),
                        o int);
                    CREATE INDEX by_factorial ON "Ein ""Ding" ((numeric_fac(u)));
                    CREATE POLICY p ON "Ein ""Ding" USING (pg_is_in_backup());
                    CREATE RULE r AS ON INSERT TO "Ein ""Ding" DO ALSO SELECT pg_xlogfile_name('0/1');
                    CREATE FUNCTION defaulting(a text DEFAULT pg_xlogfile_name('0/1')) RETURNS int LANGUAGE sql
                        AS 'SELECT 1';
                    CREATE VIEW waiters AS SELECT pid, waiting FROM pg_stat_activity;
                    CREATE VIEW aggregates AS SELECT 'x'::text AS x WHERE EXISTS (SELECT 1 FROM pg_proc WHERE proisagg);
                    CREATE VIEW classes AS SELECT * FROM pg_class;
                    CREATE VIEW packages AS SELECT feature_id FROM information_schema.sql_packages;
                    CREATE VIEW factorials AS SELECT 5::bigint ! AS x;
                    CREATE VIEW inside AS SELECT '1,1'::point @ '0,0,2,2'::box AS x;
                    CREATE VIEW middle AS SELECT path '((0,0),(1,1))'::point AS p;
                    CREATE OPERATOR CLASS boxes FOR TYPE box USING gist AS OPERATOR 3 &&,
                        FUNCTION 1 gist_box_consistent(internal, box, int, oid, internal),
                        FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_box_compress(internal),
                        FUNCTION 4 gist_box_decompress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
                        FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);
                    CREATE AGGREGATE gathered(anyelement) (sfunc = array_append, stype = anyarray, initcond = '{}');
                    CREATE AGGREGATE texts(text) (sfunc = array_append, stype = text[]);
                    CREATE OPERATOR %%% (leftarg = anyarray, rightarg = anyelement, procedure = array_append);
                    CREATE TABLE numbered (id int, UNIQUE (oid)) WITH OIDS;
                    CREATE VIEW numbers AS SELECT n.id FROM numbered n JOIN numbered m ON n.oid = m.oid;
                    CREATE TABLE pointing (o oid REFERENCES numbered (oid));
                    CREATE FUNCTION same(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
                    CREATE OPERATOR !!! (leftarg = int, procedure = same);
                    CREATE VIEW behind AS SELECT 1 !!! AS x;
                    CREATE TABLE mystery AS SELECT 'a' AS u;
                    CREATE VIEW mystery_view AS SELECT 'a' AS u;
                    CREATE SEQUENCE counter;
                    CREATE VIEW counters AS SELECT last_value, increment_by FROM counter;
                    CREATE VIEW conditional AS SELECT CASE WHEN true THEN generate_series(1, 3) ELSE 0 END AS x;
                    CREATE VIEW unconditional AS SELECT x, CASE WHEN x > 1 THEN 1 END FROM generate_series(1, 3) x;
                    CREATE CAST (jsonb AS int) WITH INOUT AS ASSIGNMENT;
                    CREATE CAST (jsonb AS uuid) WITH INOUT;
                    CREATE FUNCTION converted(int, int, cstring, internal, int) RETURNS void LANGUAGE internal STRICT
                        AS 'pg_is_in_recovery';
                    CREATE FUNCTION travel() RETURNS trigger LANGUAGE c AS '$libdir/timetravel', 'timetravel';
                    CREATE FUNCTION refer() RETURNS trigger LANGUAGE c AS '$libdir/refint', 'check_primary_key';
                    CREATE FUNCTION set_one() RETURNS int LANGUAGE sql SET default_with_oids = on AS 'SELECT 1';
                    CREATE FUNCTION set_two() RETURNS int LANGUAGE sql SET sql_inheritance = on AS 'SELECT 1';
                    CREATE FUNCTION set_three() RETURNS int LANGUAGE sql SET work_mem = '8MB' SET "my.own" = 'x'
                        AS 'SELECT 1';
                    CREATE FUNCTION set_four() RETURNS int LANGUAGE sql SET client_min_messages = fatal AS 'SELECT 1';
                    CREATE FUNCTION set_five() RETURNS int LANGUAGE sql SET client_min_messages = error
                        SET "TimeZone" = 'Europe/Berlin' SET search_path = nowhere, public
                        SET work_mem = 65 SET array_nulls = off AS 'SELECT 1';
                    CREATE LANGUAGE oldlang HANDLER plpgsql_call_handler;
                    CREATE FUNCTION shipped() RETURNS text LANGUAGE plpgsql
                        AS 'BEGIN RETURN pg_xlogfile_name(PG_CURRENT_XLOG_LOCATION()); END';
                    CREATE FUNCTION listed() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM pg_proc WHERE proisagg';
                    CREATE FUNCTION waiting() RETURNS text LANGUAGE sql AS $$SELECT 'waiting'::text FROM pg_proc$$;
                    CREATE FUNCTION gen_random_uuid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
                    """);
            source.sql(database, """
                    CREATE CONVERSION converting FOR 'SQL_ASCII' TO 'MULE_INTERNAL' FROM ascii_to_mic;
                    CREATE EXTENSION hstore;
                    CREATE VIEW within AS SELECT 'a=>1'::hstore @ 'a=>1'::hstore AS x;
                    CREATE VIEW without AS SELECT 'a=>1'::hstore @> 'a=>1'::hstore AS x;
                    """);

            Map<String, List<String>> found = RemovedFeatureRun.run(CheckRun.between(source, TARGET), database);

            assertThat(found.get("BLOCKER removed-builtins"))
                    .contains(
                            "table column public.moments.a (type abstime)",
                            "table column public.moments.r (type reltime)",
                            "table column public.moments.s (type _abstime)",
                            "type public.moment (type abstime)",
                            "composite type column public.pair.y (type tinterval)",
                            "function public.later(pg_catalog.abstime) (type abstime)",
                            "table column public.\"Ein \"\"Ding\".g (function to_regclass(cstring))",
                            "index public.by_factorial (function numeric_fac(int8))",
                            "policy p on public.\"Ein \"\"Ding\" (function pg_is_in_backup())",
                            "rule r on public.\"Ein \"\"Ding\" (function pg_xlogfile_name(pg_lsn))",
                            "function public.defaulting(pg_catalog.text) (function pg_xlogfile_name(pg_lsn))",
                            "view public.waiters (column pg_stat_activity.waiting)",
                            "view public.aggregates (column pg_proc.proisagg)",
                            "view public.classes (column pg_class.relhasoids, column pg_class.relhaspkey)",
                            "view public.packages (column information_schema.sql_packages.feature_id)",
                            "view public.factorials (operator ! (int8, NONE))",
                            "view public.inside (operator @ (point, box))",
                            "view public.middle (cast from path to point)",
                            "aggregate public.gathered(pg_catalog.anyelement) (function array_append(anyarray, anyelement))",
                            "operator public.%%%(pg_catalog.anyarray,pg_catalog.anyelement)"
                                    + " (function array_append(anyarray, anyelement))")
                    .anyMatch(object -> object.contains("of public.boxes USING gist (function gist_box_consistent("))
                    .anyMatch(object -> object.startsWith("table constraint ") && object.contains("numeric_fac"))
                    .noneMatch(object -> object.contains("texts") || object.contains("mystery"));
            assertThat(found.get("BLOCKER internal-functions"))
                    .containsExactly("function public.printed(integer) (abstimeout)");
            assertThat(found.get("BLOCKER tables-with-oids"))
                    .containsExactly(
                            "table constraint numbered_oid_key on public.numbered",
                            "table constraint pointing_o_fkey on public.pointing",
                            "view public.numbers");
            assertThat(found.get("WARNING tables-with-oids")).containsExactly("table public.numbered");
            assertThat(found.get("BLOCKER postfix-operators"))
                    .containsExactly("operator public.!!!(integer,NONE)", "view public.behind");
            assertThat(found.get("BLOCKER unknown-columns")).containsExactly("table column public.mystery.u");
            assertThat(found.get("BLOCKER sequence-columns"))
                    .containsExactly("view public.counters (counter.increment_by)");
            assertThat(found.get("BLOCKER conditional-sets")).containsExactly("view public.conditional");
            assertThat(found.get("BLOCKER extension-members"))
                    .containsExactly("view public.within (operator @ of hstore)");
            assertThat(found.get("BLOCKER builtin-casts")).containsExactly("cast (pg_catalog.jsonb AS integer)");
            assertThat(CheckRun.between(source, TARGET).texts(new LibraryCheck(), database))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER libraries: the target has no library $libdir/timetravel")
                    .contains("function public.travel");
            assertThat(found.get("BLOCKER function-settings"))
                    .containsExactly(
                            "function public.set_four() (client_min_messages=fatal)",
                            "function public.set_one() (default_with_oids=on)",
                            "function public.set_two() (sql_inheritance=on)");
            assertThat(CheckRun.between(source, TARGET).texts(new LanguageCheck(new Extensions()), database))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKER languages: the target has no procedural language oldlang");
            assertThat(found.get("WARNING function-texts"))
                    .containsExactly(
                            "function public.listed() (pg_proc.proisagg)",
                            "function public.shipped() (pg_current_xlog_location(), pg_xlogfile_name())");
            assertThat(found.get("NOTE new-builtins")).containsExactly("function public.gen_random_uuid()");
            // The conversion with a built-in function arrives.
            assertThat(found).doesNotContainKey("BLOCKER encoding-conversions");

            source.sql(
                    database, "UPDATE pg_conversion SET conproc = 'converted'::regproc WHERE conname = 'converting'");
            assertThat(RemovedFeatureRun.run(CheckRun.between(source, TARGET).withAllowedRestoreErrors(), database))
                    .containsEntry("WARNING encoding-conversions", List.of("conversion public.converting"))
                    .containsKey("WARNING removed-builtins")
                    .noneSatisfy((name, objects) -> assertThat(name).startsWith("BLOCKER"));
        }
    }

    @Test
    void namesWhatChangedSince14() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String database = databases.create();
            source.sql(
                    database, "CREATE FUNCTION backing() RETURNS bool BEGIN ATOMIC SELECT pg_is_in_backup(); END", """
                    CREATE TABLE paths (a path, p point GENERATED ALWAYS AS (a::point) STORED);
                    CREATE TABLE parted (a path) PARTITION BY LIST ((a::point::text));
                    CREATE VIEW flushed AS SELECT wal_write FROM pg_stat_wal;
                    CREATE VIEW still AS SELECT json_strip_nulls('{}'), pg_terminate_backend(0), wal_records FROM pg_stat_wal;
                    CREATE COLLATION blind (provider = icu, locale = 'und', deterministic = false);
                    CREATE TABLE referenced (t text COLLATE blind PRIMARY KEY);
                    CREATE TABLE referencing (t text REFERENCES referenced, u text COLLATE blind REFERENCES referenced);
                    CREATE EXTENSION pg_stat_statements;
                    CREATE VIEW statements AS SELECT queryid, blk_read_time FROM pg_stat_statements;
                    GRANT EXECUTE ON FUNCTION pg_start_backup(text, bool, bool) TO public;
                    GRANT EXECUTE ON FUNCTION pg_terminate_backend(int, bigint) TO pg_monitor;
                    GRANT SELECT (wal_write, wal_records) ON pg_stat_wal TO pg_monitor;
                    CREATE FUNCTION forced() RETURNS int LANGUAGE sql SET force_parallel_mode = on AS 'SELECT 1';
                    CREATE TABLE helper (id int, "Name" text);
                    CREATE TYPE mood AS ENUM ('sad');
                    CREATE FUNCTION step(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
                    CREATE FUNCTION steps(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN step ($1); END';
                    CREATE FUNCTION safe(int) RETURNS int LANGUAGE plpgsql IMMUTABLE
                        AS $$BEGIN RETURN public.step($1) + length('step(1) FROM helper'); /* step(2) */ END$$;
                    CREATE FUNCTION set_safe(int) RETURNS int LANGUAGE plpgsql IMMUTABLE SET search_path = public
                        AS 'BEGIN RETURN step($1); END';
                    CREATE FUNCTION felt(text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::mood IS NOT NULL';
                    CREATE FUNCTION looked() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM helper';
                    CREATE TABLE t (a int CHECK (steps(a) > 0), b text CHECK (felt(b)), c int CHECK (safe(c) > 0),
                        d int CHECK (set_safe(d) > 0), e int GENERATED ALWAYS AS (steps(a)) STORED,
                        f bigint DEFAULT looked());
                    CREATE INDEX stepwise ON t (steps(a));
                    CREATE MATERIALIZED VIEW seen AS SELECT looked();
                    CREATE VIEW live AS SELECT looked();
                    """);

            Map<String, List<String>> found = RemovedFeatureRun.run(CheckRun.between(source, TARGET), database);

            assertThat(found.get("BLOCKER removed-builtins"))
                    .containsExactly(
                            "function public.backing() (function pg_is_in_backup())",
                            "privileges on function pg_catalog.pg_start_backup(pg_catalog.text,boolean,boolean)"
                                    + " (function pg_start_backup(text, bool, bool))",
                            "privileges on view column pg_catalog.pg_stat_wal.wal_write (column pg_stat_wal.wal_write)",
                            "table column public.paths.p (cast from path to point)",
                            "table public.parted (cast from path to point)",
                            "view public.flushed (column pg_stat_wal.wal_write)");
            assertThat(found.get("BLOCKER foreign-key-collations"))
                    .containsExactly("table constraint referencing_t_fkey on public.referencing");
            assertThat(found.get("BLOCKER extension-members"))
                    .containsExactly("view public.statements (column pg_stat_statements.blk_read_time)");
            assertThat(found.get("BLOCKER function-settings"))
                    .containsExactly("function public.forced() (force_parallel_mode=on)");
            assertThat(found.get("WARNING search-path"))
                    .containsExactly(
                            "index public.stepwise (public.steps(integer) names step)",
                            "materialized view public.seen (public.looked() names helper)",
                            "table column public.t.e (public.steps(integer) names step)",
                            "table constraint t_a_check on public.t (public.steps(integer) names step)",
                            "table constraint t_b_check on public.t (public.felt(pg_catalog.text) names mood)");
            assertThat(found.keySet())
                    .containsExactlyInAnyOrder(
                            "BLOCKER removed-builtins",
                            "BLOCKER foreign-key-collations",
                            "BLOCKER extension-members",
                            "BLOCKER function-settings",
                            "WARNING search-path");
        }
    }

    /** Read as somebody who is no superuser, too. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void findsNothingInAnOrdinaryDatabase(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String database = databases.create();
            source.sql(database, """
                    CREATE EXTENSION hstore;
                    CREATE TYPE mood AS ENUM ('sad', 'ok');
                    CREATE DOMAIN positive AS int DEFAULT 1 CHECK (value > 0);
                    CREATE TABLE t (id serial PRIMARY KEY, a text DEFAULT upper('a') CHECK (a <> ''), b text[], m mood,
                        p positive, d date DEFAULT current_date, j jsonb, h hstore, ts timestamptz DEFAULT now());
                    CREATE INDEX ON t (lower(a)) WHERE d > '2020-01-01';
                    CREATE INDEX ON t USING gin (b);
                    CREATE INDEX ON t USING gist (h);
                    CREATE VIEW v AS SELECT id, array_append(b, 'x') || 'y'::text AS b, extract(year FROM d) AS y,
                        j ->> 'k' AS k, lag(id, 1, 0) OVER (ORDER BY id) AS l, array_agg(a) OVER () AS g,
                        width_bucket(1, ARRAY[1, 2]) AS w, get_bit('a'::bytea, 1) AS i,
                        CASE WHEN id > 1 THEN ts AT TIME ZONE 'UTC' END AS u FROM t;
                    CREATE VIEW catalog AS SELECT c.oid, c.relname, a.query, n.nspname FROM pg_class c
                        JOIN pg_namespace n ON n.oid = c.relnamespace, pg_stat_activity a;
                    CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM t;
                    CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE SET work_mem = '4MB' AS
                        'BEGIN RETURN $1 + 1; END';
                    CREATE INDEX ON t (f(id));
                    CREATE AGGREGATE texts(text) (sfunc = array_append, stype = text[]);
                    CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.ts := now(); RETURN NEW; END';
                    CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (old.a <> new.a) EXECUTE PROCEDURE g();
                    CREATE RULE r AS ON DELETE TO t DO ALSO NOTIFY gone;
                    CREATE POLICY p ON t USING (a = current_user);
                    CREATE CAST (mood AS int) WITH INOUT;
                    """);
            String reader = "reader_" + database;
            source.sql("postgres", "CREATE ROLE " + reader + " LOGIN");
            try {
                assertThat(RemovedFeatureRun.run(CheckRun.between(source, TARGET), database))
                        .isEmpty();
                assertThat(RemovedFeatureRun.run(
                                CheckRun.between(source, TARGET).withSourceUser(reader), database))
                        .isEmpty();
            } finally {
                source.sql("postgres", "DROP ROLE " + reader);
            }
        }
    }
}
