package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.Transfer.Dumped;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of tables go from servers of several versions through files into the newest. */
class PartDumpIT {
    private static final ByteSize WHOLE = ByteSize.ofMegabytes(1024);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14"})
    void carriesEveryTypeUnchanged(String version) throws Exception {
        try (Transfer transfer = transfer(version, "UTF8")) {
            transfer.onBoth("""
                    CREATE DOMAIN percent AS numeric CHECK (VALUE <= 100);
                    CREATE DOMAIN words AS text[];
                    CREATE TABLE portable (
                      id bigint PRIMARY KEY, i2 int2, i4 int4, o oid, b bool, c "char", name name, t text, v varchar(50),
                      bp char(5), raw bytea, d date, ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval,
                      n numeric, n2 numeric(20, 5), f4 float4, f8 float8, u uuid, j json, jb jsonb, ip inet, net cidr,
                      mac macaddr, bits bit(3), vbits varbit, percent percent, words words, ints int[], texts text[],
                      raws bytea[], nums numeric[], jbs jsonb[], stamps timestamptz[])
                    """);
            transfer.onBoth(
                    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s')",
                    "CREATE TYPE pair AS (a int, b text)",
                    "CREATE DOMAIN happy AS mood CHECK (VALUE <> 'sad')",
                    """
                    CREATE TABLE special (
                      t text, m mood, h happy, moods mood[], p pair, pairs pair[], r int4range, tr tstzrange,
                      rs int4range[], x xml, ts tsvector, tq tsquery, po point, bo box, mo money, rc regclass, f8 float8)
                    """);
            transfer.source.sql(transfer.database, """
                    INSERT INTO portable VALUES
                      (1, -32768, -2147483648, 4294967295, true, 'x', 'some name', E'tab\\t newline\\n cr\\r \\\\ \\\\N \\\\. ü 漢 😀',
                       'v', 'ab', '\\x00ff5c6e0a', '0044-03-15 BC', '23:59:59.999999', '12:00:00+14:59',
                       '4713-01-01 00:00:00 BC', '294276-12-31 23:59:59.999999 UTC', '-178000000 years', 'NaN', -0.00001,
                       'NaN', 'NaN', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1,  "a": [null, "\\u00fc"]}',
                       '{"b": 1, "a": [null, 1e400, "ü\\n"]}', '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03',
                       '101', '10101', 99.5, '{a,"b c"}', '{{1,null},{-3,4}}', '{"",null,"null","a\\"b","c\\\\d"}',
                       ARRAY['\\x00'::bytea, null], '{NaN,1e-20,null}', ARRAY['{"x": 1}'::jsonb], '{infinity,-infinity}'),
                      (2, 32767, 2147483647, 0, false, '', '', '', '', '', '', 'infinity', '00:00', '24:00:00-15:59',
                       'infinity', '-infinity', '1 mon -1 day 00:00:00.000001',
                       1e1000 + 1e-200, 123456789012345.12345, 'infinity', '-infinity',
                       '00000000-0000-0000-0000-000000000000', 'null', 'null', '::1', '2001:db8::/32',
                       'ff:ff:ff:ff:ff:ff', '000', '', 0, '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
                      (3, null, null, null, null, null, null, null, null, null, null, '-infinity', null, null, '-infinity',
                       'infinity', null, -123456789.000, 0, '-0', '-0', null, null, null, null, null, null, null, null,
                       null, null, '[-2:0]={1,2,3}', null, null, null, null, null),
                      (4, 0, 0, 0, null, 'a', 'n', 'NULL', '\\N', '\\.', '\\x5c2e0a', '5874897-12-31', null, null,
                       '2000-02-29 12:00:00.000001', '1999-12-31 23:59:59.999999+00', '1 year', 0.1, null, 1.1754944e-38,
                       4.9e-324, null, '1', '"x"', null, null, null, null, null, null, null, null, null, null, null,
                       null, null)
                    """, """
                    INSERT INTO special VALUES
                      (E'a\\tb', 'it''s', 'ok', '{sad,null,"it''s"}', ROW(1, E'x,"\\\\)\\n'), ARRAY[ROW(null, '')::pair, null],
                       '[1,10)', '[2000-01-01 00:00Z,)', '{empty,"(,5)"}', '<a>ü</a>', 'fat:1A & cat:2', 'fat & !cat',
                       '(1.5,-2)', '(1,1),(0,0)', 12.34, 'pg_class', '1e-300'),
                      ('', null, null, '{}', ROW(null, null), '{}', 'empty', null, '{}', null, '', null, null, null, null, null, '-0'),
                      (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)
                    """);
            if (version.equals("14")) {
                transfer.source.sql(
                        transfer.database,
                        "INSERT INTO portable (id, n, nums) VALUES (5, 'Infinity', '{-Infinity}')",
                        "INSERT INTO portable (id, n) SELECT 6, ('1' || repeat('0', 100000) || '.' || repeat('1', 16383))::numeric");
            }

            List<Dumped> dumped = transfer.dump(WHOLE, "portable", "special");
            for (Dumped table : dumped) {
                transfer.load(table);
            }

            assertThat(dumped).extracting(table -> table.table().binary()).containsExactly(true, false);
            for (String column : columns(transfer, "portable")) {
                assertSame(transfer, "SELECT id || ': ' || " + comparable(column) + " FROM portable", column);
            }
            for (String column : columns(transfer, "special")) {
                assertSame(transfer, "SELECT " + comparable(column) + " FROM special", column);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14"})
    void carriesTablesOfEveryShape(String version) throws Exception {
        try (Transfer transfer = transfer(version, "UTF8")) {
            String odd = "\"Mixed \"\"Case\"\"\n-- 'x'\"";
            transfer.onBoth(
                    "CREATE SCHEMA \"S.x\"",
                    "CREATE TABLE \"S.x\"." + odd + " (\"a\"\"b\" int, \"select\" text, \"Ü\nz\" text)",
                    "CREATE TABLE keyless (a int, b text)",
                    "CREATE TABLE columnless ()",
                    "CREATE TABLE parent (id int)",
                    "CREATE TABLE child () INHERITS (parent)");
            transfer.source.sql(
                    transfer.database,
                    "INSERT INTO \"S.x\"." + odd + " VALUES (1, 'one', E'\\n'), (2, null, '')",
                    "INSERT INTO keyless SELECT i % 2, 'same' FROM generate_series(1, 100) i",
                    "INSERT INTO columnless SELECT FROM generate_series(1, 7)",
                    "INSERT INTO parent VALUES (1)",
                    "INSERT INTO child VALUES (2)",
                    "CREATE TABLE dropped (a int, gone text, b text, gone2 int, c mol)".replace("mol", "timestamp"),
                    "INSERT INTO dropped VALUES (1, 'x', 'y', 2, 'infinity')",
                    "ALTER TABLE dropped DROP gone, DROP gone2, ADD d int DEFAULT 5");
            transfer.target().sql(transfer.database, "CREATE TABLE dropped (d int, c timestamp, b text, a int)");

            List<Dumped> dumped =
                    transfer.dump(WHOLE, "\"S.x\"." + odd, "keyless", "columnless", "parent", "child", "dropped");
            for (Dumped table : dumped) {
                transfer.load(table);
            }

            assertThat(dumped).extracting(Dumped::rows).containsExactly(2L, 100L, 7L, 1L, 1L, 1L);
            assertSame(transfer, "SELECT \"a\"\"b\" || coalesce(\"select\", '-') || \"Ü\nz\" FROM \"S.x\"." + odd, odd);
            assertSame(transfer, "SELECT k::text FROM keyless k", "keyless");
            assertSame(transfer, "SELECT count(*) FROM columnless", "columnless");
            assertSame(transfer, "SELECT tableoid::regclass || id::text FROM parent", "parent and child");
            assertSame(transfer, "SELECT a || b || c || d FROM dropped", "dropped");
        }
    }

    @Test
    void leavesOutWhatIsGeneratedAndKeepsIdentities() throws Exception {
        try (Transfer transfer = transfer("14", "UTF8")) {
            transfer.onBoth("""
                    CREATE TABLE computed (
                      id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100), a int,
                      twice int GENERATED ALWAYS AS (a * 2) STORED, other int GENERATED BY DEFAULT AS IDENTITY)
                    """, "CREATE TABLE all_computed (one int GENERATED ALWAYS AS (1) STORED)");
            transfer.source.sql(
                    transfer.database,
                    "INSERT INTO computed (a) SELECT generate_series(1, 50)",
                    "INSERT INTO all_computed SELECT FROM generate_series(1, 3)");

            List<Dumped> dumped = transfer.dump(WHOLE, "computed", "all_computed");
            for (Dumped table : dumped) {
                transfer.load(table);
            }

            assertThat(dumped.get(0).table().columns()).containsExactly("id", "a", "other");
            assertSame(transfer, "SELECT c::text FROM computed c", "computed");
            assertThat(transfer.targetRows("SELECT one FROM all_computed")).containsExactly("1", "1", "1");
        }
    }

    @ParameterizedTest
    @CsvSource({"9.5, LATIN1", "9.6, SQL_ASCII", "14, LATIN1", "14, SQL_ASCII"})
    void carriesTextsOfOtherEncodingsByteByByte(String version, String encoding) throws Exception {
        try (Transfer transfer = transfer(version, encoding)) {
            transfer.onBoth("CREATE TABLE texts (id int, t text)");
            transfer.source.sql(
                    transfer.database,
                    "INSERT INTO texts SELECT i, convert_from(decode(lpad(to_hex(i), 2, '0') || '41', 'hex'), '"
                            + encoding + "') FROM generate_series(1, 255) i");

            List<Dumped> dumped = transfer.dump(WHOLE, "texts");
            transfer.load(dumped.get(0));

            assertThat(dumped.get(0).rows()).isEqualTo(255);
            assertSame(transfer, "SELECT id || ': ' || md5(t) FROM texts", encoding);
        }
    }

    /** More than a COPY's message of a few rows, less than what would not fit into a driver's array. */
    @ParameterizedTest
    @CsvSource({"9.6, t, false", "14, raw, true"})
    void carriesRowsOfAHundredMegabytes(String version, String column, boolean binary) throws Exception {
        try (Transfer transfer = transfer(version, "UTF8")) {
            transfer.onBoth("CREATE TABLE long_rows (id int, " + (binary ? "raw bytea" : "t text, x xml") + ")");
            transfer.source.sql(
                    transfer.database,
                    "ALTER TABLE long_rows ALTER " + column + " SET STORAGE EXTERNAL",
                    "INSERT INTO long_rows (id, " + column + ") VALUES (1, "
                            + (binary
                                    ? "decode(repeat('00ff5c0a', 26214400), 'hex')"
                                    : "repeat(E'tab\\tbackslash\\\\', 7000000)")
                            + "), (2, '')");

            List<Dumped> dumped = transfer.dump(WHOLE, "long_rows");
            transfer.load(dumped.get(0));

            assertThat(dumped.get(0).table().binary()).isEqualTo(binary);
            assertThat(dumped.get(0).parts().get(0).bytes()).isGreaterThan(100_000_000);
            assertSame(
                    transfer,
                    "SELECT id || ': ' || length(" + column + ") || md5(" + column + ") FROM long_rows",
                    column);
        }
    }

    @Test
    void takesTheBinaryFormOnlyOfTypesThatAreTheSameEverywhere() throws Exception {
        try (Transfer transfer = transfer("14", "UTF8")) {
            transfer.source.sql(
                    transfer.database,
                    "CREATE TYPE mood AS ENUM ('ok')",
                    "CREATE DOMAIN happy AS mood",
                    "CREATE DOMAIN ids AS bigint[]",
                    "CREATE DOMAIN id_lists AS ids",
                    "CREATE TABLE yes (a int, b id_lists, c text[][])",
                    "CREATE TABLE no_enum (a int, b mood)",
                    "CREATE TABLE no_domain (a int, b happy)",
                    "CREATE TABLE no_array (a int, b mood[])",
                    "CREATE TABLE no_row (a int, b yes)",
                    "CREATE TABLE no_name (a int, b regclass)",
                    "CREATE TABLE no_money (a money)",
                    "CREATE TABLE no_range (a int4range)",
                    "CREATE TABLE no_column ()");
            String[] tables = {
                "yes", "no_enum", "no_domain", "no_array", "no_row", "no_name", "no_money", "no_range", "no_column"
            };
            try (SnapshotHolder holder = transfer.hold()) {
                assertThat(transfer.plan(holder, WHOLE, tables))
                        .filteredOn(plan -> plan.table().binary())
                        .extracting(plan -> plan.table().name())
                        .containsExactly("yes");
            }
        }
    }

    private static List<String> columns(Transfer transfer, String table) throws SQLException {
        return transfer.source.column(
                transfer.database,
                "SELECT attname FROM pg_attribute WHERE attrelid = '" + table + "'::regclass AND attnum > 0");
    }

    /** Before 12, a float's text is not its shortest; its bytes tell. */
    private static String comparable(String column) {
        return column.matches("f[48]") ? "float" + column.charAt(1) + "send(" + column + ")::text" : column + "::text";
    }

    private static void assertSame(Transfer transfer, String query, String what) throws SQLException {
        List<String> expected = transfer.sourceRows(query);
        assertThat(expected).as(what).isNotEmpty();
        assertThat(transfer.targetRows(query)).as(what).isEqualTo(expected);
    }

    private Transfer transfer(String version, String encoding) throws SQLException {
        return new Transfer(version, encoding, folder.resolve("parts"));
    }
}
