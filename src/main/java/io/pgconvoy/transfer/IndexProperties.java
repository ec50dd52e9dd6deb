package io.pgconvoy.transfer;

import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What belongs to indexes but is not in their definitions, as idempotent statements. Comments are not among
 * it: they have archive entries of their own. Immutable.
 */
final class IndexProperties {
    private final Map<Long, List<String>> statements = new HashMap<>();

    private IndexProperties() {}

    /** Reads those of all indexes of these tables. */
    static IndexProperties read(Session source, Long[] tables) {
        IndexProperties all = new IndexProperties();
        String name = "c.relname";
        all.add(source, tables, name, "", "x.indisclustered", row -> alterTable(row, " CLUSTER ON "));
        all.add(source, tables, name, "", "x.indisreplident", row -> alterTable(row, " REPLICA IDENTITY USING INDEX "));
        if (source.version().isAtLeast(ServerVersion.V11)) {
            // The default is -1 before 17, and null since then.
            all.add(
                    source,
                    tables,
                    "a.attnum, a.attstattarget",
                    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid",
                    "a.attstattarget >= 0 ORDER BY a.attnum",
                    row -> alterIndex(row) + " ALTER COLUMN " + row.getInt(5) + " SET STATISTICS " + row.getInt(6));
        }
        all.add(
                source,
                tables,
                "e.extname",
                """
                JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                           AND d.objid = c.oid AND d.deptype = 'x'
                JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                                              AND e.oid = d.refobjid
                """,
                "true",
                row -> alterIndex(row) + " DEPENDS ON EXTENSION " + Sql.identifier(row.getString(5)));
        return all;
    }

    /** An index's, by its OID. */
    List<String> of(long index) {
        return statements.getOrDefault(index, List.of());
    }

    /** @param columns what is read from the fifth on */
    private void add(
            Session source,
            Long[] tables,
            String columns,
            String joins,
            String condition,
            Function<Row, String> statement) {
        String sql = """
                SELECT x.indexrelid, n.nspname, t.relname, c.relname, %s
                  FROM pg_catalog.pg_index x
                  JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                  JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
                  %s
                 WHERE x.indrelid = ANY (?::pg_catalog.int8[]::pg_catalog.oid[]) AND %s
                """.formatted(columns, joins, condition);
        source.each(
                sql,
                row -> statements
                        .computeIfAbsent(row.getLong(1), none -> new ArrayList<>())
                        .add(statement.apply(row)),
                (Object) tables);
    }

    private static String alterTable(Row row, String what) {
        return "ALTER TABLE " + Sql.qualified(row.getString(2), row.getString(3)) + what
                + Sql.identifier(row.getString(4));
    }

    /** An index is in its table's schema. */
    private static String alterIndex(Row row) {
        return "ALTER INDEX " + Sql.qualified(row.getString(2), row.getString(4));
    }
}
