package io.pgconvoy.testing;

/** At least one of each kind of object that CREATE knows and no other database of the fleet has, and its comment. */
final class FleetKinds {
    private FleetKinds() {}

    static void fill(Script script) {
        types(script);
        operators(script);
        aggregates(script);
        functions(script);
        textSearch(script);
        foreign(script);
        accessMethods(script);
        replication(script);
        comments(script);
    }

    private static void types(Script script) {
        script.add("""
                CREATE SCHEMA kinds;
                CREATE TYPE kinds.shell;
                CREATE TYPE kinds.whole;
                CREATE FUNCTION kinds.whole_in(cstring) RETURNS kinds.whole LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
                CREATE FUNCTION kinds.whole_out(kinds.whole) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
                CREATE FUNCTION kinds.whole_receive(internal) RETURNS kinds.whole
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4recv';
                CREATE FUNCTION kinds.whole_send(kinds.whole) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
                CREATE TYPE kinds.whole (INPUT = kinds.whole_in, OUTPUT = kinds.whole_out, RECEIVE = kinds.whole_receive,
                    SEND = kinds.whole_send, LIKE = integer, CATEGORY = 'N', DEFAULT = '7', DELIMITER = ';');
                CREATE CAST (kinds.whole AS integer) WITHOUT FUNCTION AS ASSIGNMENT;
                CREATE CAST (kinds.whole AS varchar) WITH INOUT;
                CREATE TYPE kinds.pair AS (first text COLLATE "C", second numeric(10, 2), third integer[]);
                CREATE TYPE kinds.none AS ();
                CREATE TYPE kinds.no_labels AS ENUM ();
                CREATE TYPE kinds.text_range AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
                CREATE DOMAIN kinds.code AS varchar(5) COLLATE "POSIX" NOT NULL;
                CREATE DOMAIN kinds.upper_code AS kinds.code DEFAULT 'A' CONSTRAINT is_upper CHECK (VALUE = upper(VALUE));
                CREATE DOMAIN kinds.codes AS text[] CHECK (array_length(VALUE, 1) < 5);
                ALTER DOMAIN kinds.upper_code ADD CONSTRAINT not_checked_yet CHECK (VALUE <> 'X') NOT VALID;
                ALTER DOMAIN kinds.upper_code OWNER TO app_owner;
                CREATE TABLE kinds.uses_types (w kinds.whole, ws kinds.whole[], p kinds.pair, u kinds.upper_code DEFAULT 'U',
                    c kinds.codes, r kinds.text_range);
                INSERT INTO kinds.uses_types
                    SELECT i::text::kinds.whole, ARRAY[i::text::kinds.whole, NULL], ROW('f"', i / 3.0, '{1,NULL}')::kinds.pair, 'U' || i % 9,
                           ARRAY['a', NULL], kinds.text_range('a', 'b' || i)
                    FROM generate_series(1, 50) i;
                """);
        script.since(Script.V11, """
                CREATE DOMAIN kinds.full_pair AS kinds.pair CHECK ((VALUE).first IS NOT NULL);
                CREATE TABLE kinds.uses_composite_domain (f kinds.full_pair);
                INSERT INTO kinds.uses_composite_domain VALUES (ROW('x', 1, NULL));
                """);
        script.since(Script.V10, """
                CREATE COLLATION kinds.from_another FROM "C";
                DO $$
                BEGIN
                    IF EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') THEN
                        CREATE COLLATION kinds.phonebook (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
                        COMMENT ON COLLATION kinds.phonebook IS 'of ICU';
                        CREATE TABLE kinds.sorted (t text COLLATE kinds.phonebook);
                        CREATE INDEX ON kinds.sorted (t);
                        INSERT INTO kinds.sorted VALUES ('Äpfel'), ('Apfel'), ('Zebra');
                    END IF;
                END $$;
                """);
        script.since(Script.V12, """
                DO $$
                BEGIN
                    IF EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') THEN
                        CREATE COLLATION kinds.any_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
                        CREATE TABLE kinds.any_case_names (name text COLLATE kinds.any_case UNIQUE);
                        INSERT INTO kinds.any_case_names VALUES ('Name'), ('other');
                    END IF;
                END $$;
                """);
        script.since(Script.V14, """
                CREATE TYPE kinds.dates AS RANGE (subtype = date, multirange_type_name = kinds."many dates");
                """);
        script.since(Script.V17, "CREATE COLLATION kinds.built_in (PROVIDER = builtin, LOCALE = 'C.UTF-8')");
    }

    private static void operators(Script script) {
        script.add("""
                CREATE FUNCTION kinds.whole_lt(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT LEAKPROOF AS 'int4lt';
                CREATE FUNCTION kinds.whole_le(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4le';
                CREATE FUNCTION kinds.whole_eq(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
                CREATE FUNCTION kinds.whole_ne(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4ne';
                CREATE FUNCTION kinds.whole_ge(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4ge';
                CREATE FUNCTION kinds.whole_gt(kinds.whole, kinds.whole) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT AS 'int4gt';
                CREATE FUNCTION kinds.whole_compare(kinds.whole, kinds.whole) RETURNS integer
                    LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
                CREATE FUNCTION kinds.whole_hash(kinds.whole) RETURNS integer
                    LANGUAGE internal IMMUTABLE STRICT AS 'hashint4';
                CREATE OPERATOR kinds.< (PROCEDURE = kinds.whole_lt, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.>), NEGATOR = OPERATOR(kinds.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
                CREATE OPERATOR kinds.<= (PROCEDURE = kinds.whole_le, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.>=), NEGATOR = OPERATOR(kinds.>));
                CREATE OPERATOR kinds.= (PROCEDURE = kinds.whole_eq, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.=), NEGATOR = OPERATOR(kinds.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES,
                    MERGES);
                CREATE OPERATOR kinds.<> (PROCEDURE = kinds.whole_ne, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.<>), NEGATOR = OPERATOR(kinds.=));
                CREATE OPERATOR kinds.>= (PROCEDURE = kinds.whole_ge, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.<=), NEGATOR = OPERATOR(kinds.<));
                CREATE OPERATOR kinds.> (PROCEDURE = kinds.whole_gt, LEFTARG = kinds.whole, RIGHTARG = kinds.whole,
                    COMMUTATOR = OPERATOR(kinds.<), NEGATOR = OPERATOR(kinds.<=));
                CREATE OPERATOR kinds.! (PROCEDURE = kinds.whole_hash, RIGHTARG = kinds.whole);
                CREATE OPERATOR FAMILY kinds.whole_family USING btree;
                CREATE OPERATOR CLASS kinds.whole_ops DEFAULT FOR TYPE kinds.whole USING btree FAMILY kinds.whole_family AS
                    OPERATOR 1 kinds.<, OPERATOR 2 kinds.<=, OPERATOR 3 kinds.=, OPERATOR 4 kinds.>=, OPERATOR 5 kinds.>,
                    FUNCTION 1 kinds.whole_compare(kinds.whole, kinds.whole);
                CREATE OPERATOR CLASS kinds.whole_hash_ops DEFAULT FOR TYPE kinds.whole USING hash AS
                    OPERATOR 1 kinds.=, FUNCTION 1 kinds.whole_hash(kinds.whole);
                CREATE OPERATOR FAMILY kinds.loose USING btree;
                ALTER OPERATOR FAMILY kinds.loose USING btree ADD
                    OPERATOR 1 pg_catalog.< (integer, bigint), FUNCTION 1 (integer, bigint) pg_catalog.btint48cmp(integer, bigint);
                CREATE OPERATOR FAMILY kinds.empty_family USING gist;
                ALTER OPERATOR kinds.= (kinds.whole, kinds.whole) OWNER TO app_owner;
                ALTER OPERATOR CLASS kinds.whole_ops USING btree OWNER TO app_owner;
                ALTER OPERATOR FAMILY kinds.loose USING btree OWNER TO app_owner;
                CREATE TABLE kinds.whole_key (w kinds.whole PRIMARY KEY);
                CREATE INDEX ON kinds.whole_key USING hash (w);
                INSERT INTO kinds.whole_key SELECT i::text::kinds.whole FROM generate_series(1, 100) i;
                """);
    }

    private static void aggregates(Script script) {
        script.add("""
                CREATE AGGREGATE kinds.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', MSFUNC = int4pl,
                    MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0', SSPACE = 64);
                CREATE AGGREGATE kinds.first_of(integer) (SFUNC = int4smaller, STYPE = integer, SORTOP = <);
                CREATE AGGREGATE kinds.middle(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition,
                    STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
                CREATE AGGREGATE kinds.place(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi,
                    STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
                CREATE AGGREGATE kinds.every_row(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
                """);
        script.since(Script.V9_6, """
                CREATE AGGREGATE kinds.joined(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl, PARALLEL = SAFE);
                """);
        script.since(Script.V11, """
                CREATE AGGREGATE kinds.last_look(integer) (SFUNC = int4pl, STYPE = integer, FINALFUNC = int4abs,
                    FINALFUNC_MODIFY = READ_WRITE);
                """);
    }

    private static void functions(Script script) {
        script.add("""
                CREATE FUNCTION kinds.call_handler() RETURNS language_handler
                    LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
                CREATE FUNCTION kinds.inline_handler(internal) RETURNS void
                    LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
                CREATE FUNCTION kinds.validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
                CREATE TRUSTED LANGUAGE house_language HANDLER kinds.call_handler INLINE kinds.inline_handler
                    VALIDATOR kinds.validator;
                ALTER LANGUAGE house_language OWNER TO app_owner;
                GRANT USAGE ON LANGUAGE house_language TO app WITH GRANT OPTION;
                CREATE FUNCTION kinds.in_house() RETURNS integer LANGUAGE house_language AS 'BEGIN RETURN 1; END';
                CREATE TRANSFORM FOR integer LANGUAGE house_language (
                    FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
                CREATE FUNCTION kinds.transformed(integer) RETURNS integer TRANSFORM FOR TYPE integer
                    LANGUAGE house_language AS 'BEGIN RETURN 1; END';
                CREATE DEFAULT CONVERSION kinds.from_latin1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
                CREATE FUNCTION kinds.row_n() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
                CREATE FUNCTION kinds.current_path() RETURNS text LANGUAGE sql SECURITY DEFINER
                    SET DateStyle FROM CURRENT SET search_path = "$user", 'a, b', kinds AS 'SELECT 1::text';
                CREATE FUNCTION kinds.defaults(a integer, b text DEFAULT 'x;''y', OUT c integer, OUT d text)
                    RETURNS SETOF record LANGUAGE sql ROWS 7 COST 3 AS $$ SELECT $1, $2 $$;
                CREATE FUNCTION kinds.polymorphic(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
                CREATE FUNCTION kinds.backslashes() RETURNS text LANGUAGE sql AS $$ SELECT 'a\\b$_$c'::text $$;
                CREATE TABLE kinds.row_source (a integer, b text);
                CREATE FUNCTION kinds.of_row(kinds.row_source) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.b';
                CREATE VIEW kinds.uses_row AS SELECT kinds.of_row(s) AS o FROM kinds.row_source s;
                CREATE VIEW kinds.with_default AS SELECT a, b FROM kinds.row_source;
                ALTER VIEW kinds.with_default ALTER COLUMN b SET DEFAULT 'from the view';
                GRANT SELECT (a), UPDATE (b) ON kinds.with_default TO app;
                CREATE RECURSIVE VIEW kinds.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
                CREATE RULE several AS ON UPDATE TO kinds.with_default WHERE old.a > 5 DO INSTEAD
                    (INSERT INTO kinds.row_source VALUES (new.a, 'was ' || old.b);
                     DELETE FROM kinds.row_source WHERE a = old.a);
                CREATE RULE otherwise AS ON UPDATE TO kinds.with_default DO INSTEAD NOTIFY changed;
                ALTER TABLE kinds.row_source ADD COLUMN c text DEFAULT kinds.backslashes();
                CREATE FUNCTION kinds.redirect() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER redirected INSTEAD OF DELETE ON kinds.with_default FOR EACH ROW
                    EXECUTE PROCEDURE kinds.redirect('a', 'it''s; "b"', '\\x');
                CREATE TRIGGER truncated AFTER TRUNCATE ON kinds.row_source EXECUTE PROCEDURE kinds.redirect();
                """);
        script.since(Script.V9_6, "ALTER FUNCTION kinds.in_house() PARALLEL RESTRICTED");
        script.since(
                Script.V10,
                "CREATE TRIGGER transition AFTER UPDATE ON kinds.row_source REFERENCING OLD TABLE AS old_rows"
                        + " NEW TABLE AS \"new rows\" FOR EACH STATEMENT EXECUTE PROCEDURE kinds.redirect()");
        script.since(
                Script.V12,
                "CREATE FUNCTION kinds.supported(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT"
                        + " SUPPORT textlike_support AS 'textlike'");
        script.since(Script.V14, """
                CREATE PROCEDURE kinds.both_ways(INOUT a integer, OUT b text) LANGUAGE plpgsql AS $$ BEGIN b := 'x'; END $$;
                CREATE PROCEDURE kinds.atomic(a integer) BEGIN ATOMIC INSERT INTO kinds.row_source (a) VALUES (a); END;
                """);
    }

    private static void textSearch(Script script) {
        script.add("""
                CREATE TEXT SEARCH PARSER kinds.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                    LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
                CREATE TEXT SEARCH TEMPLATE kinds.template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
                CREATE TEXT SEARCH DICTIONARY kinds.dictionary (TEMPLATE = kinds.template, Accept = 'false');
                CREATE TEXT SEARCH CONFIGURATION kinds.configuration (PARSER = kinds.parser);
                ALTER TEXT SEARCH CONFIGURATION kinds.configuration ADD MAPPING FOR word, asciiword
                    WITH kinds.dictionary, pg_catalog.simple;
                ALTER TEXT SEARCH DICTIONARY kinds.dictionary OWNER TO app_owner;
                ALTER TEXT SEARCH CONFIGURATION kinds.configuration OWNER TO app_owner;
                """);
    }

    private static void foreign(Script script) {
        script.add("""
                CREATE FOREIGN DATA WRAPPER "data wrapper" OPTIONS ("an option" 'it''s');
                GRANT USAGE ON FOREIGN DATA WRAPPER "data wrapper" TO app_owner WITH GRANT OPTION;
                CREATE SERVER "far away" TYPE 'kind' VERSION '1;2' FOREIGN DATA WRAPPER "data wrapper" OPTIONS (host 'h''h');
                ALTER SERVER "far away" OWNER TO app_owner;
                CREATE USER MAPPING FOR PUBLIC SERVER "far away";
                CREATE USER MAPPING FOR app SERVER "far away" OPTIONS ("user" 'somebody', password 's;e''cret');
                CREATE USER MAPPING FOR "o'brien" SERVER "far away";
                CREATE TABLE kinds.local_parent (a integer NOT NULL, b text);
                CREATE FOREIGN TABLE kinds.far (a integer OPTIONS (key 'true') NOT NULL DEFAULT 5,
                    b text OPTIONS (name 'B"b') COLLATE "C", c integer CHECK (c > 0)) SERVER "far away" OPTIONS (t 'x y');
                CREATE FOREIGN TABLE kinds.far_child (more integer) INHERITS (kinds.local_parent) SERVER "far away";
                ALTER FOREIGN TABLE kinds.far ALTER COLUMN b SET STATISTICS 20;
                ALTER FOREIGN TABLE kinds.far ADD CONSTRAINT not_yet CHECK (a < 100) NOT VALID;
                ALTER FOREIGN TABLE kinds.far OWNER TO app_owner;
                GRANT SELECT (a), INSERT (b) ON kinds.far TO app;
                CREATE TRIGGER on_far BEFORE INSERT ON kinds.far FOR EACH ROW EXECUTE PROCEDURE kinds.redirect();
                """);
        script.since(Script.V11, """
                CREATE TABLE kinds.spread (a integer, b text) PARTITION BY RANGE (a);
                CREATE TABLE kinds.spread_here PARTITION OF kinds.spread FOR VALUES FROM (0) TO (10);
                CREATE FOREIGN TABLE kinds.spread_there PARTITION OF kinds.spread FOR VALUES FROM (10) TO (20)
                    SERVER "far away" OPTIONS (t 'y');
                INSERT INTO kinds.spread VALUES (1, 'here');
                """);
    }

    private static void accessMethods(Script script) {
        script.since(Script.V9_6, """
                CREATE ACCESS METHOD own_hash TYPE INDEX HANDLER hashhandler;
                COMMENT ON ACCESS METHOD own_hash IS 'as good as hash';
                CREATE OPERATOR CLASS kinds.own_ops DEFAULT FOR TYPE integer USING own_hash AS
                    OPERATOR 1 =, FUNCTION 1 hashint4(integer);
                CREATE TABLE kinds.hashed (a integer);
                CREATE INDEX ON kinds.hashed USING own_hash (a) WITH (fillfactor = 50);
                INSERT INTO kinds.hashed SELECT i FROM generate_series(1, 100) i;
                """);
        script.since(Script.V12, """
                CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler;
                CREATE TABLE kinds.own_way (a integer) USING own_heap;
                INSERT INTO kinds.own_way VALUES (1);
                CREATE MATERIALIZED VIEW kinds.own_view USING own_heap AS SELECT a FROM kinds.own_way;
                """);
    }

    private static void replication(Script script) {
        script.since(Script.V10, """
                CREATE TABLE kinds.published (id integer PRIMARY KEY, a text, b text);
                INSERT INTO kinds.published VALUES (1, 'a', 'b');
                CREATE PUBLICATION inserts_only FOR TABLE kinds.published WITH (publish = 'insert');
                ALTER PUBLICATION inserts_only OWNER TO dba;
                CREATE PUBLICATION no_tables;
                CREATE SUBSCRIPTION with_a_slot CONNECTION 'host=nowhere.invalid dbname=x password=se''cret'
                    PUBLICATION no_tables, "other; one" WITH (connect = false, synchronous_commit = 'local');
                ALTER SUBSCRIPTION with_a_slot OWNER TO dba;
                CREATE SUBSCRIPTION "named; slot" CONNECTION 'host=nowhere.invalid'
                    PUBLICATION p WITH (connect = false, slot_name = 'slot_of_ours');
                COMMENT ON SUBSCRIPTION with_a_slot IS 'from afar';
                COMMENT ON PUBLICATION inserts_only IS 'no deletions';
                """);
        script.since(
                Script.V13,
                "CREATE PUBLICATION through_the_root FOR TABLE kinds.spread WITH (publish_via_partition_root)");
        script.since(
                Script.V14,
                "CREATE SUBSCRIPTION modern CONNECTION 'host=nowhere.invalid' PUBLICATION p"
                        + " WITH (connect = false, binary, streaming)");
        script.since(Script.V15, """
                CREATE PUBLICATION some_rows FOR TABLE kinds.published (id, a) WHERE (id > 5 AND a <> 'it''s');
                CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA kinds;
                CREATE SUBSCRIPTION two_phases CONNECTION 'host=nowhere.invalid' PUBLICATION p
                    WITH (connect = false, two_phase, disable_on_error, slot_name = 'two');
                """);
        script.since(
                Script.V16,
                "CREATE SUBSCRIPTION careful CONNECTION 'host=nowhere.invalid password=x' PUBLICATION p"
                        + " WITH (connect = false, origin = none, run_as_owner)");
    }

    private static void comments(Script script) {
        script.add("""
                COMMENT ON SCHEMA kinds IS 'of all kinds';
                COMMENT ON SCHEMA public IS 'not the usual words';
                COMMENT ON TYPE kinds.shell IS 'nothing yet';
                COMMENT ON TYPE kinds.whole IS 'a base type';
                COMMENT ON TYPE kinds.pair IS 'a composite type';
                COMMENT ON COLUMN kinds.pair.second IS 'of a composite type';
                COMMENT ON TYPE kinds.text_range IS 'a range';
                COMMENT ON DOMAIN kinds.upper_code IS 'a domain over a domain';
                COMMENT ON CONSTRAINT is_upper ON DOMAIN kinds.upper_code IS 'of a domain';
                COMMENT ON CAST (kinds.whole AS integer) IS 'a cast';
                COMMENT ON OPERATOR kinds.= (kinds.whole, kinds.whole) IS 'an operator';
                COMMENT ON OPERATOR kinds.! (NONE, kinds.whole) IS 'a prefix operator';
                COMMENT ON OPERATOR CLASS kinds.whole_ops USING btree IS 'a class';
                COMMENT ON OPERATOR FAMILY kinds.loose USING btree IS 'a family';
                COMMENT ON AGGREGATE kinds.total(integer) IS 'an aggregate';
                COMMENT ON AGGREGATE kinds.middle(double precision ORDER BY anyelement) IS 'an ordered one';
                COMMENT ON LANGUAGE house_language IS 'a language';
                COMMENT ON TRANSFORM FOR integer LANGUAGE house_language IS 'a transform';
                COMMENT ON CONVERSION kinds.from_latin1 IS 'a conversion';
                COMMENT ON RULE several ON kinds.with_default IS 'a rule';
                COMMENT ON TRIGGER redirected ON kinds.with_default IS 'of a view';
                COMMENT ON VIEW kinds.with_default IS 'a view';
                COMMENT ON COLUMN kinds.with_default.b IS 'of a view';
                COMMENT ON TEXT SEARCH PARSER kinds.parser IS 'a parser';
                COMMENT ON TEXT SEARCH TEMPLATE kinds.template IS 'a template';
                COMMENT ON TEXT SEARCH DICTIONARY kinds.dictionary IS 'a dictionary';
                COMMENT ON TEXT SEARCH CONFIGURATION kinds.configuration IS 'a configuration';
                COMMENT ON FOREIGN DATA WRAPPER "data wrapper" IS 'a wrapper';
                COMMENT ON SERVER "far away" IS 'a foreign server';
                COMMENT ON FOREIGN TABLE kinds.far IS 'a foreign table';
                COMMENT ON COLUMN kinds.far.b IS 'of a foreign table';
                COMMENT ON FUNCTION kinds.defaults(integer, text) IS E'a function;\\nof two lines';
                """);
    }
}
