package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import java.util.List;

/**
 * A table to dump.
 *
 * @param ranges the rows of each part, as SQL conditions of which exactly one holds for every row; empty where the table
 *     is dumped whole
 */
public record PlannedTable(DeferredTable table, List<String> ranges) {
    public PlannedTable {
        ranges = List.copyOf(ranges);
    }
}
