package io.pgconvoy.testing;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Values of many types, at their edges, and tables of odd shapes. */
final class FleetTypes {
    private FleetTypes() {}

    static void fill(Script script) {
        values(script);
        definedTypes(script);
        script.add("""
                CREATE TABLE no_columns ();
                INSERT INTO no_columns DEFAULT VALUES;
                INSERT INTO no_columns DEFAULT VALUES;
                CREATE TABLE dropped_columns (a integer, b text, c integer, d text DEFAULT 'd');
                INSERT INTO dropped_columns SELECT i, 'b', i, 'd' FROM generate_series(1, 10) i;
                ALTER TABLE dropped_columns DROP COLUMN b, DROP COLUMN a, ADD COLUMN e integer DEFAULT 5;
                CREATE TABLE empty (id serial PRIMARY KEY);
                """);
        script.add("CREATE TABLE widest ("
                + IntStream.rangeClosed(1, 1600)
                        .mapToObj(i -> "c" + i + " boolean")
                        .collect(Collectors.joining(", "))
                + "); INSERT INTO widest (c1, c1600) VALUES (true, false), (NULL, true)");
    }

    private static void values(Script script) {
        script.add("""
                CREATE TABLE zoo (
                    id integer PRIMARY KEY, s smallint, b bigint, n numeric, r real, d double precision, m money,
                    t text, v varchar(20), c char(5), y bytea, ts timestamp(3), tz timestamptz, dt date, ti time,
                    tt timetz, iv interval, bo boolean, u uuid, i4 inet, ci cidr, ma macaddr, bi bit(5), vb varbit,
                    p point, ln lseg, bx box, pa path, po polygon, ci2 circle, x xml, j json, jb jsonb, tv tsvector,
                    tq tsquery, ia integer[], ta text[][], r4 int4range, rt tstzrange, rn numrange, o oid,
                    rc regclass, nm name, ch "char");
                INSERT INTO zoo (id, s, b, n, r, d, t, v, c, y, ts, tz, dt, ti, tt, iv, bo) VALUES
                    (1, -32768, -9223372036854775808, 'NaN', 'NaN', '-Infinity', '', '', '', '', '-infinity', 'infinity',
                     'infinity', '00:00', '24:00:00+14', '-178000000 years', true),
                    (2, 32767, 9223372036854775807, 1e-300, 1.17549435e-38, 2.2250738585072014e-308, E'\\\\N', E'\\t\\n\\r',
                     'a', E'\\\\x00010203ff5c', '4713-01-01 00:00:00 BC', '4714-11-24 00:00:00+00 BC', '0044-03-15 BC',
                     '23:59:59.999999', '00:00:00-15:59', '1 mon -1 day +00:00:00.000001', false),
                    (3, 0, 0, -0.000, '-0', '-0', E'\\\\.', 'ünïcödé ☃', 'é', NULL, '294276-12-31 23:59:59.999',
                     '2024-02-29 12:00:00.123456+05:45', '5874897-12-31', '12:34:56.7', '12:00:00+01', '0', NULL),
                    (4, NULL, NULL, NULL, 0.1, 0.1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                    (5, 1, 1, repeat('9', 1000)::numeric / 7, 3.4028235e38, 1.7976931348623157e308, repeat('é', 5000),
                     'NULL', '\\N', decode(repeat('5c0a0027', 3000), 'hex'), 'now'::text::timestamp,
                     'epoch', 'epoch', '00:00:01', '00:00:01+00', 'P1Y2M3DT4H5M6.789S', true);
                UPDATE zoo SET ts = '2001-02-03 04:05:06.789' WHERE id = 5;
                INSERT INTO zoo (id, m, u, i4, ci, ma, bi, vb, p, ln, bx, pa, po, ci2, x, j, jb, tv, tq, ia, ta, r4, rt,
                                 rn, o, rc, nm, ch) VALUES
                    (6, '-12.34', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03',
                     B'10101', B'', '(1.5,-2)', '((0,0),(1,1e-7))', '((1,1),(0,0))', '[(0,0),(1,1)]',
                     '((0,0),(1,1),(1,0))', '<(0,0),0.1>', '<a b="&lt;">é</a>', '{"a" : [1,  2, "\\u00e9"] }',
                     '{"a": {"b": null}, "n": 1e400}', 'a:1A b:2', 'a & !b', '{1,NULL,3}', '{{a,"b,c"},{"",NULL}}',
                     '[1,10)', '(,infinity]', 'empty', 4294967295, 'pg_class', 'a name', 'x'),
                    (7, 0, NULL, '192.168.0.1', '::/0', NULL, NULL, B'1', '(NaN,Infinity)', NULL, NULL, '((0,0))', NULL, NULL,
                     'text only', 'null', 'null', '', '', '{}', '[2:3][0:1]={{a,b},{c,d}}', '[,]', NULL, '[0.1,0.2)', 0,
                     NULL, '', '');
                """);
    }

    private static void definedTypes(Script script) {
        script.add("""
                CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy; "very"');
                ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
                """);
        script.add("""
                CREATE TYPE address AS (street text, "house no" integer, geo point);
                CREATE TYPE person AS (name text, lives address, moods mood[]);
                CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
                CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
                CREATE DOMAIN small_positive AS positive CHECK (VALUE < 1000) DEFAULT 1;
                CREATE TABLE defined (
                    id small_positive PRIMARY KEY, mood mood, person person, people person[], range float_range,
                    EXCLUDE USING gist (range WITH &&) DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO defined VALUES
                    (1, 'meh', ROW('a "b", (c)', ROW('s', 1, '(1,2)')::address, '{ok,NULL}')::person, NULL, '[1,2)'),
                    (2, NULL, NULL, ARRAY[ROW('', NULL, '{}')::person, NULL], '[2,3)');
                CREATE INDEX ON defined (((person).name));
                CREATE TABLE of_type OF address (PRIMARY KEY (street));
                INSERT INTO of_type VALUES ('x', 1, '(0,0)');
                """);
        script.since(Script.V14, """
                CREATE TABLE newer (m int4multirange, c text COMPRESSION pglz, x xid8, infinite numeric);
                INSERT INTO newer VALUES ('{[1,2),[5,9)}', 'c', '12345678901', 'Infinity');
                """);
    }
}
