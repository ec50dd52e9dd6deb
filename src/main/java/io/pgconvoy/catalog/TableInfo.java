package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Sql;
import java.util.Optional;

/**
 * A relation whose rows pg_dump carries over: a table, a partition, a populated materialized view.
 *
 * @param oid its OID in this database
 * @param bytes relpages times the block size: an estimate
 * @param estimatedRows reltuples; empty where the relation was never analyzed
 * @param condition for an extension's configuration table, which of its rows are dumped, as an SQL condition
 * @param partitioned whether it stands for all its partitions, among which a restore distributes the rows anew
 * @param materializedView whether its rows are a query's, from when it was refreshed
 */
public record TableInfo(
        long oid,
        String schema,
        String name,
        long bytes,
        Optional<Long> estimatedRows,
        Optional<String> condition,
        boolean partitioned,
        boolean materializedView) {
    /** What a statement locks and reads: its own rows, as children's count with the child. */
    public String target() {
        return (partitioned ? "" : "ONLY ") + Sql.qualified(schema, name);
    }
}
