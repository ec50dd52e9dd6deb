package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.Transfer.Dumped;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All parts of a table together are its rows, each once, however it is cut. */
class PartRangesIT {
    private static final ByteSize PART = new ByteSize(256 * 1024);

    @TempDir
    private Path folder;

    @Test
    void cutsByPagesFrom14On() throws Exception {
        try (Transfer transfer = transfer("14")) {
            transfer.onBoth("CREATE TABLE huge (id int, filler text)");
            transfer.source.sql(
                    transfer.database,
                    "ALTER TABLE huge SET (autovacuum_enabled = off)",
                    "INSERT INTO huge SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i",
                    "DELETE FROM huge WHERE id BETWEEN 5000 AND 14000",
                    "UPDATE huge SET filler = 'moved' WHERE id % 10 = 0");

            Dumped dumped;
            try (SnapshotHolder holder = transfer.hold()) {
                List<PlannedTable> planned = transfer.plan(holder, PART, "huge");
                transfer.source.sql(
                        transfer.database,
                        "INSERT INTO huge SELECT i, 'later' FROM generate_series(20001, 60000) i",
                        "DELETE FROM huge WHERE id < 100");
                assertThat(transfer.source.column(
                                transfer.database,
                                "EXPLAIN SELECT id FROM ONLY huge WHERE "
                                        + planned.get(0).ranges().get(1)))
                        .anyMatch(line -> line.contains("Tid Range Scan"));
                dumped = transfer.dump(holder, planned).get(0);
                assertThat(dumped.rows()).isEqualTo(count(holder, "huge")).isEqualTo(20_000 - 9_001);
            }
            transfer.load(dumped);

            assertThat(dumped.parts()).hasSizeGreaterThan(8);
            assertThat(dumped.parts().get(0).range())
                    .hasValueSatisfying(range -> assertThat(range).startsWith("ctid < '("));
            assertThat(dumped.parts()).as("some pages hold only dead rows").anyMatch(part -> part.rows() == 0);
            assertThat(transfer.targetRows("SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) FROM huge"))
                    .containsExactly(
                            "10999 10999 "
                                    + transfer.source.value(
                                            transfer.database,
                                            "SELECT sum(i) FROM generate_series(1, 20000) i WHERE i NOT BETWEEN 5000 AND 14000"));
        }
    }

    /** The planner looks into the index, whose function is found by search_path alone. */
    @Test
    void copiesPartsOfATableWhoseIndexNeedsASearchPath() throws Exception {
        try (Transfer transfer = transfer("14")) {
            transfer.onBoth("CREATE TABLE huge (id int, kind regclass)");
            transfer.source.sql(
                    transfer.database,
                    "CREATE FUNCTION inner_one(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + 1'",
                    "CREATE FUNCTION outer_one(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_one(a)'",
                    "CREATE INDEX ON huge (outer_one(id))",
                    "INSERT INTO huge SELECT i, 'huge' FROM generate_series(1, 50000) i");

            Dumped dumped;
            try (SnapshotHolder holder = transfer.hold()) {
                dumped = transfer.dump(holder, transfer.plan(holder, PART, "huge"))
                        .get(0);
            }
            transfer.load(dumped);

            assertThat(dumped.parts()).hasSizeGreaterThan(2);
            assertThat(transfer.targetRows(
                            "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || min(kind::text) FROM huge"))
                    .containsExactly("50000 50000 huge");
        }
    }

    @Test
    void cutsTablesWithoutColumnsAndOnlyTheirOwnRows() throws Exception {
        try (Transfer transfer = transfer("14")) {
            transfer.onBoth("CREATE TABLE columnless ()", "CREATE TABLE child () INHERITS (columnless)");
            transfer.source.sql(
                    transfer.database,
                    "INSERT INTO columnless SELECT FROM generate_series(1, 30000)",
                    "INSERT INTO child SELECT FROM generate_series(1, 500)");

            Dumped dumped = transfer.dump(PART, "columnless").get(0);
            transfer.load(dumped);

            assertThat(dumped.parts()).hasSizeGreaterThan(2);
            assertThat(transfer.targetRows("SELECT count(*) FROM columnless")).containsExactly("30000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6"})
    void cutsByAKeysHistogramBefore14(String version) throws Exception {
        try (Transfer transfer = transfer(version)) {
            transfer.onBoth("CREATE TABLE huge (filler text, \"The Key\" bigint NOT NULL)");
            transfer.source.sql(
                    transfer.database,
                    "ALTER TABLE huge SET (autovacuum_enabled = off)",
                    "CREATE UNIQUE INDEX ON huge (\"The Key\")",
                    "INSERT INTO huge SELECT repeat('x', 100), i * i * sign(i) FROM generate_series(-10000, 10000) i",
                    "ANALYZE huge",
                    "INSERT INTO huge VALUES ('lowest', -9223372036854775808), ('highest', 9223372036854775807)");

            Dumped dumped = transfer.dump(PART, "huge").get(0);
            transfer.load(dumped);

            assertThat(dumped.parts()).hasSizeGreaterThan(8);
            assertThat(dumped.parts().get(0).range())
                    .hasValueSatisfying(range -> assertThat(range).startsWith("\"The Key\" < '-"));
            assertThat(dumped.parts())
                    .extracting(DumpedPart::rows)
                    .allSatisfy(rows -> assertThat(rows).isBetween(1000L, 4000L));
            String rows = "SELECT \"The Key\" || filler FROM huge";
            assertThat(transfer.targetRows(rows)).hasSize(20_003).isEqualTo(transfer.sourceRows(rows));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.6", "14"})
    void dumpsWholeWhatCannotBeCut(String version) throws Exception {
        try (Transfer transfer = transfer(version)) {
            transfer.source.sql(
                    transfer.database,
                    filled("small", "id int PRIMARY KEY", 10),
                    filled("keyless", "id int", 10_000),
                    filled("nullable", "id int UNIQUE", 10_000),
                    filled("text_key", "id text PRIMARY KEY", 10_000),
                    filled("pair_key", "id int, b int DEFAULT 1, PRIMARY KEY (id, b)", 10_000),
                    filled("partial_key", "id int NOT NULL", 10_000),
                    "CREATE UNIQUE INDEX ON partial_key (id) WHERE id > 5",
                    filled("expression_key", "id int NOT NULL", 10_000),
                    "CREATE UNIQUE INDEX ON expression_key ((id + 1))",
                    filled("no_statistics", "id int PRIMARY KEY", 10_000),
                    "ANALYZE small, keyless, nullable, text_key, pair_key, partial_key, expression_key"
                            .replace(", ", "; ANALYZE "));
            String[] tables = {
                "small", "keyless", "nullable", "text_key", "pair_key", "partial_key", "expression_key", "no_statistics"
            };

            List<Dumped> dumped = transfer.dump(PART, tables);

            boolean byPages = version.equals("14");
            assertThat(dumped.get(0).parts()).hasSize(1);
            assertThat(dumped.subList(1, tables.length))
                    .allSatisfy(table -> assertThat(table.parts().size() > 1)
                            .as(table.table().name())
                            .isEqualTo(byPages));
            assertThat(dumped)
                    .extracting(Dumped::rows)
                    .containsExactly(10L, 10_000L, 10_000L, 10_000L, 10_000L, 10_000L, 10_000L, 10_000L);
        }
    }

    /** Long values lie elsewhere (TOAST), and count. */
    @Test
    void countsLongValuesAsATablesSize() throws Exception {
        try (Transfer transfer = transfer("14")) {
            transfer.source.sql(
                    transfer.database,
                    "CREATE TABLE huge (id int, filler text)",
                    "ALTER TABLE huge ALTER filler SET STORAGE EXTERNAL",
                    "INSERT INTO huge SELECT i, repeat('x', 8000) FROM generate_series(1, 500) i");

            Dumped dumped = transfer.dump(new ByteSize(1024 * 1024), "huge").get(0);

            assertThat(dumped.table().bytes()).isGreaterThan(4_000_000);
            assertThat(dumped.parts()).hasSizeBetween(3, 6);
            assertThat(dumped.rows()).isEqualTo(500);
        }
    }

    private static String filled(String table, String columns, int rows) {
        return "CREATE TABLE " + table + " (" + columns + ", filler text DEFAULT repeat('x', 100)); INSERT INTO "
                + table + " (id) SELECT generate_series(1, " + rows + ")"
                + (columns.startsWith("id text") ? "::text" : "");
    }

    private static long count(SnapshotHolder holder, String table) {
        return holder.within("counting", session -> session.number("SELECT count(*) FROM public." + table));
    }

    private Transfer transfer(String version) throws SQLException {
        return new Transfer(version, "UTF8", folder.resolve("parts"));
    }
}
