package io.pgconvoy.verify.checksum;

import java.util.ArrayList;
import java.util.List;

/** Tables that hold one thing each, the same thing written in another way, and something that only just differs. */
final class ValueCases {
    static final String SETUP = """
            CREATE TYPE mood AS ENUM ('sad', 'ok', 'OK; "very"');
            CREATE TYPE spot AS (name text, "At" point, weight float8);
            CREATE DOMAIN ratio AS float8;
            CREATE DOMAIN ratio_of_ratio AS ratio;
            CREATE DOMAIN short AS varchar(10);
            CREATE DOMAIN floats AS float8[];
            CREATE DOMAIN raw AS bytea;
            CREATE TYPE float_range AS RANGE (subtype = float8);
            CREATE TYPE deep AS (spots spot[], range float_range, ratio ratio, moods mood[]);
            CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube;
            CREATE EXTENSION isn;
            """;

    /**
     * A table in three variants.
     *
     * @param table its name, which is what the case is about
     * @param since the server's major version
     * @param source SQL that makes and fills it
     * @param same SQL after which it must have the same checksum
     * @param other SQL after which it must have another one
     */
    record Case(String table, int since, String source, String same, String other) {}

    private final List<Case> cases = new ArrayList<>();

    static List<Case> all() {
        ValueCases all = new ValueCases();
        all.numbers();
        all.texts();
        all.times();
        all.builtIn();
        all.containers();
        all.defined();
        all.extensions();
        all.newer();
        all.tables();
        return List.copyOf(all.cases);
    }

    private void numbers() {
        value("boolean", "true", "false");
        value("boolean", "false", "NULL");
        value("smallint", "0", "NULL");
        value("integer", "1", "-1");
        value("bigint", "9223372036854775807", "9223372036854775806");
        value("numeric", "1.0", "1.00");
        value("numeric", "'NaN'", "0");
        value("numeric", "repeat('9', 1000)::numeric / 7", "repeat('9', 1000)::numeric / 7 + 1e-16");
        value("real", "0.1", "'0.10000001'");
        value("real", "3.4028235e38", "3.4028233e38");
        value("double precision", "0.1", "'0.10000000000000002'");
        value("double precision", "0", "'-0'");
        value("double precision", "1.0 / 3", "'0.33333333333333337'");
        value("double precision", "'NaN'", "NULL");
        value("double precision", "2.2250738585072014e-308", "0");
        // The processor's own NaN has its sign bit set, the one of the input function has not.
        same("double precision", "'Infinity'::float8 - 'Infinity'::float8", "'NaN'", "'Infinity'");
        same("real", "'Infinity'::real - 'Infinity'::real", "'NaN'", "'-Infinity'");
        value("money", "'12.34'", "'12.35'");
        value("oid", "4294967295", "4294967294");
    }

    private void texts() {
        value("text", "''", "NULL");
        value("text", "'a'", "'a '");
        value("text", "E'a\\\\'", "E'a\\\\\\\\'");
        value("text", "'ü'", "'u'");
        value("text", "repeat('x', 100)", "repeat('x', 101)");
        value("text", "repeat('é', 5000)", "repeat('é', 4999) || 'e'");
        value("text", "repeat('x', 200)", "md5(repeat('x', 200))");
        value("varchar(300)", "repeat('x', 299)", "repeat('x', 299) || ' '");
        value("char(5)", "'a'", "'A'");
        value("bpchar", "'a'", "'a '");
        value("name", "'a'", "'b'");
        value("\"char\"", "'x'", "'y'");
        value("\"char\"", "'é'::text::\"char\"", "'x'");
        value("bytea", "E'\\\\x00'", "E'\\\\x0000'");
        value("bytea", "''", "NULL");
        value(
                "bytea",
                "decode(repeat('5c0a0027', 3000), 'hex')",
                "decode(repeat('5c0a0027', 2999) || '5c0a0028', 'hex')");
        value("json", "'{\"a\":1}'", "'{\"a\": 1}'");
        value("jsonb", "'{\"a\":1, \"b\": \"é\"}'", "'{\"a\":1.0, \"b\": \"é\"}'");
        value("jsonb", "'null'", "NULL");
        value("xml", "'<a b=\"1\"/>'", "'<a b=\"2\"/>'");
        same("xml", "E'<?xml version=\"1.0\" encoding=\"UTF-8\"?>\\n\\n<a/>'", "'<a/>'", "'<b/>'");
        value("tsvector", "'a:1A b:2'", "'a:1 b:2'");
        value("tsquery", "'a & b'", "'a | b'");
        value("tsquery", "'a & !(!b) & (c | (d | e))'", "'a & !b & (c | (d | e))'");
    }

    private void times() {
        value("timestamp", "'2024-02-29 12:00:00.123456'", "'2024-02-29 12:00:00.123457'");
        value("timestamp", "'infinity'", "'-infinity'");
        value("timestamp", "'0044-03-15 BC'", "'0044-03-15'");
        value("timestamptz", "'2024-02-29 12:00:00.1+05:45'", "'2024-02-29 12:00:00.1+05:46'");
        same("timestamptz", "'2024-02-29 12:00:00+01'", "'2024-02-29 11:00:00+00'", "'2024-02-29 12:00:00+00'");
        value("date", "'5874897-12-31'", "'5874897-12-30'");
        value("time", "'23:59:59.999999'", "'23:59:59.999998'");
        value("timetz", "'12:00+01'", "'11:00+00'");
        value("interval", "'1 day'", "'24 hours'");
        value("interval", "'1 month -1 day +00:00:00.000001'", "'1 month -1 day +00:00:00.000002'");
    }

    private void builtIn() {
        value("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'");
        value("inet", "'10.0.0.1'", "'10.0.0.1/24'");
        value("cidr", "'::/64'", "'::/65'");
        value("macaddr", "'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'");
        value("bit(5)", "B'10101'", "B'10100'");
        value("varbit", "B'1'", "B'10'");
        value("point", "'(0.1,2)'", "'(0.10000000000000002,2)'");
        value("lseg", "'((0,0),(1,1))'", "'((1,1),(0,0))'");
        value("line", "'{1,2,3}'", "'{1,2,3.0000000000000004}'");
        value("box", "'((1,1),(0,0))'", "'((1,1),(0,0.5))'");
        value("path", "'[(0,0),(1,1)]'", "'((0,0),(1,1))'");
        value("polygon", "'((0,0),(1,1),(1,0))'", "'((1,0),(0,0),(1,1))'");
        value("circle", "'<(0,0),0.1>'", "'<(0,0),0.10000000000000002>'");
        value("regclass", "'pg_class'", "'pg_type'");
        value("regproc", "'has_table_privilege(name, text, text)'::regprocedure::oid::regproc", "'pg_typeof'");
        value("regoper", "'+(int4,int4)'::regoperator::oid::regoper", "'-(int4,int4)'::regoperator::oid::regoper");
        value("regprocedure", "'lower(text)'", "'upper(text)'");
        value("pg_lsn", "'16/B374D848'", "'16/B374D849'");
    }

    private void containers() {
        value("integer[]", "'{1,2}'", "'[0:1]={1,2}'");
        value("integer[]", "'{1,2}'", "'{2,1}'");
        value("text[]", "'{a,NULL}'", "'{a,\"NULL\"}'");
        value("text[]", "'{{a,b}}'", "'{a,b}'");
        value("text[]", "'{}'", "NULL");
        value("text[]", "'{}'", "'{\"\"}'");
        value("double precision[]", "'{0.1,NaN,NULL}'", "'{0.10000000000000002,NaN,NULL}'");
        value("double precision[]", "'{{1,2},{3,4}}'", "'{{1,2,3,4}}'");
        value("real[]", "'[2:3]={1,2}'", "'{1,2}'");
        same("real[]", "ARRAY[1, 'Infinity'::real - 'Infinity'::real]", "'{1,NaN}'", "'{1,1}'");
        value("point[]", "'{\"(1,2)\",NULL}'", "'{\"(1,3)\",NULL}'");
        value("point[]", "'{\"(1,2)\"}'", "'[0:0]={\"(1,2)\"}'");
        value("point[]", "'{}'", "NULL");
        value("xml[]", "ARRAY['<a/>'::xml]", "ARRAY['<b/>'::xml]");
        value("int4range", "'[1,10)'", "'[1,10]'");
        value("int4range", "'empty'", "NULL");
        value("tstzrange", "'(,2020-01-01 00:00:00+00]'", "'(,2020-01-01 00:00:00+00)'");
        value("numrange[]", "'{\"[0.1,0.2)\"}'", "'{\"[0.1,0.20)\"}'");
        // What was NULL leaves a bitmap behind.
        table(
                "array_without_nulls",
                "(v float8[])",
                "VALUES ('{1,NULL}'::float8[]); UPDATE array_without_nulls SET v[2] = 2",
                "VALUES ('{1,2}'::float8[])",
                "VALUES ('{1,3}'::float8[])");
    }

    private void defined() {
        value("mood", "'ok'", "'OK; \"very\"'");
        value("mood[]", "'{sad,NULL}'", "'{ok,NULL}'");
        value("ratio", "0.1", "'0.10000000000000002'");
        value("ratio_of_ratio", "0.1", "'0.10000000000000002'");
        value("short", "'a'", "'a '");
        value("floats", "'{0.1}'", "'{0.10000000000000002}'");
        value("raw", "E'\\\\x00ff'", "E'\\\\x00fe'");
        value("spot", "ROW('a', '(1,2)', 0.1)", "ROW('a', '(1,2)', '0.10000000000000002')");
        value("spot", "ROW('a', '(1,2)', NULL)", "ROW('a', '(1,3)', NULL)");
        value("spot", "ROW('', NULL, NULL)", "ROW(NULL, NULL, NULL)");
        value("spot", "ROW(NULL, NULL, NULL)", "NULL");
        value(
                "spot[]",
                "ARRAY[ROW('a', NULL, 1)::spot, NULL]",
                "ARRAY[ROW('a', NULL, 1)::spot, ROW(NULL, NULL, NULL)::spot]");
        value("spot[]", "ARRAY[ROW('a', NULL, 1)::spot, NULL]", "ARRAY[NULL, ROW('a', NULL, 1)::spot]");
        value("spot[]", "'{}'", "NULL");
        value("float_range", "'[0.1,2)'", "'[0.1,2]'");
        value("float_range", "'[0.1,2)'", "'[0.10000000000000002,2)'");
        value("float_range", "'(,2)'", "'(-infinity,2)'");
        value("float_range", "'empty'", "NULL");
        String deep = "ROW(ARRAY[ROW('a', '(1,2)', 0.1)::spot], '[1,2)', %s, '{ok}')";
        value("deep", String.format(deep, "0.5"), String.format(deep, "NULL"));
        value(
                "deep[]",
                "ARRAY[" + String.format(deep, "0.5") + "::deep]",
                "ARRAY[" + String.format(deep, "1") + "::deep]");
    }

    private void extensions() {
        value("hstore", "'b=>2, a=>1'", "'b=>2, a=>3'");
        value("hstore", "'a=>NULL'", "'a=>\"NULL\"'");
        value("citext", "'a'", "'A'");
        value("ltree", "'a.b'", "'a.b.c'");
        value("cube", "'(0.1, 2)'", "'(0.10000000000000002, 2)'");
        value("cube", "'(1),(2)'", "'(1),(3)'");
        value("cube[]", "ARRAY['(1)'::cube]", "ARRAY['(2)'::cube]");
        value("isbn13", "'978-0-393-04002-9'", "'978-0-11-000533-1'");
    }

    private void newer() {
        since(10, "macaddr8", "'08:00:2b:01:02:03:04:05'", "'08:00:2b:01:02:03:04:06'");
        since(11, "ratio[]", "'{0.1,NULL}'", "'{0.10000000000000002,NULL}'");
        String domain = "CREATE DOMAIN spots AS spot; CREATE TABLE composite_domain (v spots);"
                + " INSERT INTO composite_domain SELECT ROW('a', '(1,2)', %s)::spot";
        cases.add(new Case(
                "composite_domain",
                11,
                String.format(domain, "0.1"),
                String.format(domain, "0.1"),
                String.format(domain, "0.2")));
        since(12, "jsonpath", "'$.a'", "'$.b'");
        since(13, "xid8", "'12345678901'", "'12345678902'");
        since(14, "int4multirange", "'{[1,2),[5,9)}'", "'{[1,2),[5,10)}'");
        since(14, "numeric", "'Infinity'", "'-Infinity'");
        since(14, "float_multirange", "'{[0.1,2),[5,9)}'", "'{[0.10000000000000002,2),[5,9)}'");
        cases.add(
                new Case(
                        "generated",
                        12,
                        "CREATE TABLE generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO generated VALUES (1)",
                        "CREATE TABLE generated (b int GENERATED ALWAYS AS (a * 2) STORED, a int); INSERT INTO generated VALUES (DEFAULT, 1)",
                        "CREATE TABLE generated (a int, b int GENERATED ALWAYS AS (a * 3) STORED); INSERT INTO generated VALUES (1)"));
    }

    private void tables() {
        table("order_of_rows", "(a int)", "VALUES (1), (2), (3)", "VALUES (3), (1), (2)", "VALUES (3), (1), (1)");
        table("duplicates", "(a int)", "VALUES (1), (1), (2)", "VALUES (2), (1), (1)", "VALUES (1), (2), (2)");
        table("pairs_of_duplicates", "(a int)", "VALUES (1), (1)", "VALUES (1), (1)", "VALUES (2), (2)");
        table("swapped", "(a int, b int)", "VALUES (1, 2)", "VALUES (1, 2)", "VALUES (2, 1)");
        table(
                "swapped_rows",
                "(a int, b int)",
                "VALUES (1, 2), (3, 4)",
                "VALUES (3, 4), (1, 2)",
                "VALUES (1, 4), (3, 2)");
        table("boundaries", "(a text, b text)", "VALUES ('a', 'bc')", "VALUES ('a', 'bc')", "VALUES ('ab', 'c')");
        table("commas", "(a text, b text)", "VALUES ('a,', NULL)", "VALUES ('a,', NULL)", "VALUES ('a', ',')");
        table("nulls", "(a text, b text)", "VALUES (NULL, '')", "VALUES (NULL, '')", "VALUES ('', NULL)");
        table("one_row_less", "(a int)", "VALUES (1), (NULL)", "VALUES (NULL), (1)", "VALUES (1)");
        cases.add(new Case(
                "columns_moved",
                9,
                "CREATE TABLE columns_moved (gone int, b text, a int); ALTER TABLE columns_moved DROP gone;"
                        + " INSERT INTO columns_moved VALUES ('b', 1)",
                "CREATE TABLE columns_moved (a int, b text); INSERT INTO columns_moved VALUES (1, 'b')",
                "CREATE TABLE columns_moved (a int, c text); INSERT INTO columns_moved VALUES (1, 'c')"));
        String child = "CREATE TABLE parent_of (a int); CREATE TABLE child_of () INHERITS (parent_of); INSERT INTO ";
        cases.add(new Case(
                "parent_of",
                9,
                child + "parent_of VALUES (1); INSERT INTO child_of VALUES (5)",
                child + "parent_of VALUES (1)",
                child + "child_of VALUES (1)"));
        String columnless = "CREATE TABLE columnless (); INSERT INTO columnless DEFAULT VALUES;";
        cases.add(new Case("columnless", 9, columnless, columnless, "CREATE TABLE columnless ()"));
        String matview = "CREATE MATERIALIZED VIEW matview AS SELECT %s AS f";
        cases.add(new Case(
                "matview",
                9,
                String.format(matview, "0.1::float8"),
                String.format(matview, "0.1::float8"),
                String.format(matview, "0.2::float8")));
        String odd = "CREATE TABLE odd (\"it's \"\"é\"\"\n, %%\" float8, i cube, v point[], \"select\" spot);"
                + " INSERT INTO odd VALUES (1, '(1)', '{\"(1,1)\"}', ROW('x', '(1,2)', %s))";
        cases.add(new Case("odd", 9, String.format(odd, "0"), String.format(odd, "0"), String.format(odd, "1")));
    }

    private void value(String type, String source, String other) {
        same(type, source, source, other);
    }

    private void since(int version, String type, String source, String other) {
        cases.add(caseOf(version, type, source, source, other));
    }

    private void same(String type, String source, String same, String other) {
        cases.add(caseOf(9, type, source, same, other));
    }

    private Case caseOf(int version, String type, String source, String same, String other) {
        String table = type.replaceAll("\\W+", "_") + "_" + cases.size();
        return new Case(
                table, version, single(table, type, source), single(table, type, same), single(table, type, other));
    }

    private static String single(String table, String type, String value) {
        String create = "CREATE TABLE " + table + " (id int, v " + type + "); INSERT INTO " + table + " SELECT 1, ";
        return create + (value.startsWith("ROW") ? value + "::" + type : value);
    }

    private void table(String name, String columns, String source, String same, String other) {
        String create = "CREATE TABLE " + name + " " + columns + "; INSERT INTO " + name + " ";
        cases.add(new Case(name, 9, create + source, create + same, create + other));
    }
}
