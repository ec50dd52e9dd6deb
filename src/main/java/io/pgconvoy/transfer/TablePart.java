package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A part of a table that is to be read.
 *
 * @param position among all parts of all tables
 * @param number from 1 within its table
 * @param range which rows, as an SQL condition; empty for all of the table's
 */
record TablePart(int position, DeferredTable table, int number, Optional<String> range) {
    /** The parts of some tables, those of the largest first. */
    static List<TablePart> of(List<PlannedTable> tables) {
        List<TablePart> parts = new ArrayList<>();
        for (PlannedTable planned : tables) {
            List<Optional<String>> ranges = planned.ranges().isEmpty()
                    ? List.of(Optional.empty())
                    : planned.ranges().stream().map(Optional::of).toList();
            for (int i = 0; i < ranges.size(); i++) {
                parts.add(new TablePart(parts.size(), planned.table(), i + 1, ranges.get(i)));
            }
        }
        parts.sort(Comparator.comparingLong((TablePart part) -> part.table().bytes())
                .reversed()
                .thenComparing(TablePart::position));
        return parts;
    }

    /** For people. */
    String label() {
        return "part " + number + " of table " + table.label();
    }
}
