package io.pgconvoy.transfer.early;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What builds on the rows of one table alone, by the OIDs of the source.
 *
 * @param constraints those with an index: primary keys, unique and exclusion constraints
 * @param statistics extended ones
 * @param indexes but those of constraints, the largest first
 * @param analyzable whether ANALYZE of the table needs no more: no further index, and no rows of other tables
 */
public record TableIndexes(
        DeferredTable table, List<Long> constraints, List<Long> statistics, List<Long> indexes, boolean analyzable) {
    public TableIndexes {
        constraints = List.copyOf(constraints);
        statistics = List.copyOf(statistics);
        indexes = List.copyOf(indexes);
    }

    /**
     * Reads them. Not among them: indexes that evaluate functions which somebody wrote, since these may read other tables,
     * whatever they are declared as.
     *
     * @param inSnapshot a transaction on the source
     */
    public static List<TableIndexes> read(Session inSnapshot, List<DeferredTable> tables) {
        if (tables.isEmpty()) {
            return List.of();
        }
        boolean partitions = inSnapshot.version().isAtLeast(ServerVersion.V10);
        String sql = """
                WITH own AS (
                  SELECT x.indrelid, x.indexrelid, k.oid AS constraint_oid,
                         (x.indexprs IS NULL AND x.indpred IS NULL)
                           OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                           WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                             AND d.objid = x.indexrelid
                                             AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                                                                  'pg_catalog.pg_operator'::pg_catalog.regclass,
                                                                  'pg_catalog.pg_type'::pg_catalog.regclass)) AS alone
                    FROM pg_catalog.pg_index x
                    LEFT JOIN pg_catalog.pg_constraint k
                           ON k.conindid = x.indexrelid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
                   WHERE x.indisvalid)
                SELECT c.oid,
                       ARRAY(SELECT constraint_oid::pg_catalog.int8 FROM own
                              WHERE indrelid = c.oid AND alone AND constraint_oid IS NOT NULL),
                       %s,
                       ARRAY(SELECT indexrelid::pg_catalog.int8 FROM own
                              WHERE indrelid = c.oid AND alone AND constraint_oid IS NULL
                              ORDER BY pg_catalog.pg_relation_size(indexrelid) DESC, indexrelid),
                       NOT EXISTS (SELECT FROM own WHERE indrelid = c.oid AND NOT alone)
                         -- One is analyzed with its parent, the other one with its heirs.
                         AND NOT %s AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
                  FROM pg_catalog.pg_class c
                 WHERE c.oid IN (%s)
                """.formatted(
                partitions
                        ? "ARRAY(SELECT s.oid::pg_catalog.int8 FROM pg_catalog.pg_statistic_ext s"
                                + " WHERE s.stxrelid = c.oid)"
                        : "'{}'::pg_catalog.int8[]",
                partitions ? "c.relispartition" : "false",
                tables.stream().map(table -> String.valueOf(table.oid())).collect(Collectors.joining(", ")));
        var byOid = tables.stream().collect(Collectors.toMap(DeferredTable::oid, table -> table));
        return inSnapshot.list(
                sql,
                row -> new TableIndexes(
                        byOid.get(row.getLong(1)), row.numbers(2), row.numbers(3), row.numbers(4), row.getBoolean(5)));
    }
}
