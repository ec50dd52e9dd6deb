package io.pgconvoy.catalog;

import java.util.List;

/**
 * A table whose data can be moved on its own, later than the rest: an ordinary table or a leaf partition.
 *
 * @param bytes its size on disk, without its indexes
 * @param ancestors the partitioned tables that it is a partition of, the nearest first
 */
public record DeferrableTable(long oid, String schema, String name, long bytes, List<Ancestor> ancestors) {
    public DeferrableTable {
        ancestors = List.copyOf(ancestors);
    }

    /** A partitioned table, at any level above. */
    public record Ancestor(String schema, String name) {}
}
