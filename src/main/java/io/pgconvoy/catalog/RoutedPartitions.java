package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Partitions whose rows do not stay together: an enum's hash is that of its label's OID, which is another one after a
 * restore, so that pg_dump has the target distribute the rows anew among the hash partitions. Only the table above them
 * can be compared.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-pgdump.html">pg_dump, --load-via-partition-root</a>
 */
final class RoutedPartitions {
    private final Map<Long, Root> roots;

    private record Root(long oid, String schema, String name) {}

    private RoutedPartitions(Map<Long, Root> roots) {
        this.roots = Map.copyOf(roots);
    }

    static RoutedPartitions read(Session session) {
        if (!session.version().isAtLeast(ServerVersion.V11)) {
            return new RoutedPartitions(Map.of());
        }
        // pg_dump's getPartitioningInfo() knows such a table by the same operator class.
        String sql = """
                WITH RECURSIVE below (root, relation) AS (
                    SELECT partrelid, partrelid
                      FROM pg_catalog.pg_partitioned_table
                     WHERE (SELECT c.oid FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
                             WHERE c.opcname = 'enum_ops' AND a.amname = 'hash'
                               AND c.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace) = ANY (partclass)
                    UNION ALL
                    SELECT b.root, i.inhrelid
                      FROM below b
                      JOIN pg_catalog.pg_inherits i ON i.inhparent = b.relation)
                SELECT b.relation, b.root, n.nspname, r.relname
                  FROM below b
                  JOIN pg_catalog.pg_class c ON c.oid = b.relation AND c.relkind = 'r'
                  JOIN pg_catalog.pg_class r ON r.oid = b.root
                  JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
                 WHERE NOT EXISTS (SELECT FROM below above WHERE above.relation = b.root AND above.root <> b.root)
                """;
        Map<Long, Root> roots = new HashMap<>();
        session.each(
                sql, row -> roots.put(row.getLong(1), new Root(row.getLong(2), row.getString(3), row.getString(4))));
        return new RoutedPartitions(roots);
    }

    boolean contain(long oid) {
        return roots.containsKey(oid);
    }

    /** Has the table above stand for its partitions. */
    List<TableInfo> merge(List<TableInfo> tables) {
        List<TableInfo> merged = new ArrayList<>();
        Map<Long, TableInfo> whole = new LinkedHashMap<>();
        for (TableInfo table : tables) {
            Root root = roots.get(table.oid());
            if (root == null) {
                merged.add(table);
            } else {
                TableInfo part = new TableInfo(
                        root.oid(),
                        root.schema(),
                        root.name(),
                        table.bytes(),
                        table.estimatedRows(),
                        Optional.empty(),
                        true,
                        false);
                whole.merge(root.oid(), part, RoutedPartitions::sum);
            }
        }
        merged.addAll(whole.values());
        return merged;
    }

    private static TableInfo sum(TableInfo one, TableInfo other) {
        return new TableInfo(
                one.oid(),
                one.schema(),
                one.name(),
                one.bytes() + other.bytes(),
                one.estimatedRows().flatMap(rows -> other.estimatedRows().map(more -> rows + more)),
                Optional.empty(),
                true,
                false);
    }
}
