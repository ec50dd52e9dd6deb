package io.pgconvoy.catalog;

import io.pgconvoy.catalog.DeferrableTable.Ancestor;
import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which tables of a database could be deferred. */
public final class DeferrableTables {
    private DeferrableTables() {}

    /**
     * All of them by schema and name. Not among them: temporary tables, and those that an extension owns and makes again
     * itself, even its configuration tables, of which only some rows may be dumped; nor those whose names or columns are no
     * UTF-8.
     *
     * <p>Asking for a table's size waits for whoever has it locked exclusively.
     */
    public static List<DeferrableTable> list(Session session) {
        Map<Long, List<Ancestor>> ancestors =
                session.version().isAtLeast(ServerVersion.V10) ? ancestors(session) : Map.of();
        // The size of a table that was dropped meanwhile is null.
        String sql = """
                SELECT c.oid, n.nspname, c.relname, COALESCE(pg_catalog.pg_table_size(c.oid), 0),
                       (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, ' ') FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r'
                   AND c.relpersistence <> 't'
                   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                      AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e')
                 ORDER BY 2, 3
                """;
        RoutedPartitions routed = RoutedPartitions.read(session);
        List<DeferrableTable> tables = new ArrayList<>();
        session.each(sql, row -> {
            // Their rows fit into other partitions on the target, and only pg_restore sends them there.
            // And COPY, which loads parts, takes no name that is no UTF-8.
            if (!routed.contain(row.getLong(1))
                    && !RawText.isRaw(row.getString(2) + row.getString(3) + row.getString(5))) {
                tables.add(new DeferrableTable(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        ancestors.getOrDefault(row.getLong(1), List.of())));
            }
        });
        return tables;
    }

    /** The partitioned tables above each partition; a parent by plain inheritance has rows of its own and is none. */
    private static Map<Long, List<Ancestor>> ancestors(Session session) {
        String sql = """
                WITH RECURSIVE above (leaf, parent, level) AS (
                    SELECT i.inhrelid, i.inhparent, 1
                      FROM pg_catalog.pg_inherits i
                      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
                     WHERE c.relkind = 'r' AND c.relispartition
                    UNION ALL
                    SELECT a.leaf, i.inhparent, a.level + 1
                      FROM above a
                      JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.parent)
                SELECT a.leaf, n.nspname, p.relname
                  FROM above a
                  JOIN pg_catalog.pg_class p ON p.oid = a.parent
                  JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
                 ORDER BY a.leaf, a.level
                """;
        Map<Long, List<Ancestor>> ancestors = new HashMap<>();
        session.each(
                sql,
                row -> ancestors
                        .computeIfAbsent(row.getLong(1), leaf -> new ArrayList<>())
                        .add(new Ancestor(row.getString(2), row.getString(3))));
        return ancestors;
    }
}
