package io.pgconvoy.verify.checksum;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.verify.checksum.ValueType.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Reads from the catalog what digesting the rows of tables takes. */
final class DigestTableReader {
    /** Statements of a bearable length, however many tables there are. */
    private static final int TABLES_AT_ONCE = 2000;

    private DigestTableReader() {}

    private record Column(String name, long type) {}

    /**
     * Reads tables.
     *
     * @param which the tables that matter
     * @return by schema and name
     */
    static List<DigestTable> read(Session session, Predicate<TableInfo> which) {
        List<TableInfo> tables =
                TableCatalog.tables(session).stream().filter(which).toList();
        List<DigestTable> read = new ArrayList<>();
        for (int from = 0; from < tables.size(); from += TABLES_AT_ONCE) {
            read.addAll(some(session, tables.subList(from, Math.min(from + TABLES_AT_ONCE, tables.size()))));
        }
        return read;
    }

    private static List<DigestTable> some(Session session, List<TableInfo> tables) {
        String oids = tables.stream().map(table -> String.valueOf(table.oid())).collect(Collectors.joining(", "));
        Map<Long, List<Column>> columns = columns(session, oids);
        TypeReader types = TypeReader.read(
                session,
                columns.values().stream()
                        .flatMap(List::stream)
                        .map(Column::type)
                        .toList());
        Map<Long, long[]> sizes = sizes(session, oids);
        return tables.stream()
                .map(table -> {
                    List<Field> fields = columns.getOrDefault(table.oid(), List.of()).stream()
                            .map(column -> new Field(column.name(), types.type(column.type())))
                            .toList();
                    long[] size = sizes.getOrDefault(table.oid(), new long[2]);
                    return new DigestTable(table, fields, size[0], size[1]);
                })
                .toList();
    }

    /** What is stored: a virtual generated column, which 18 brought, is not. */
    private static Map<Long, List<Column>> columns(Session session, String oids) {
        String sql =
                """
                SELECT a.attrelid, a.attname, a.atttypid
                  FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid IN (%s) AND a.attnum > 0 AND NOT a.attisdropped %s
                 ORDER BY a.attrelid, a.attnum
                """.formatted(oids, session.version().isAtLeast(ServerVersion.V18) ? "AND a.attgenerated <> 'v'" : "");
        Map<Long, List<Column>> columns = new LinkedHashMap<>();
        session.each(
                sql,
                row -> columns.computeIfAbsent(row.getLong(1), missing -> new ArrayList<>())
                        .add(new Column(row.getString(2), row.getLong(3))));
        return columns;
    }

    /**
     * By table, how big it is, and the pages of its heap where a range of them can be read by itself. Nobody waits for a
     * materialized view that is being refreshed to know its size.
     */
    private static Map<Long, long[]> sizes(Session session, String oids) {
        String sql = """
                SELECT c.oid, CASE WHEN c.relkind = 'm'
                                   THEN c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint
                                   ELSE pg_catalog.pg_table_size(c.oid) END,
                       CASE WHEN c.relkind = 'm' THEN 0 WHEN %s THEN pg_catalog.pg_relation_size(c.oid)
                                         / pg_catalog.current_setting('block_size')::bigint ELSE 0 END
                  FROM pg_catalog.pg_class c
                 WHERE c.oid IN (%s)
                """.formatted(
                        // Before 14, a range of ctid is found by reading the whole table. Another access method than
                        // heap need not have pages.
                        session.version().isAtLeast(ServerVersion.V14)
                                ? "c.relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'heap')"
                                : "false",
                        oids);
        Map<Long, long[]> sizes = new LinkedHashMap<>();
        session.each(sql, row -> sizes.put(row.getLong(1), new long[] {row.getLong(2), row.getLong(3)}));
        return sizes;
    }
}
