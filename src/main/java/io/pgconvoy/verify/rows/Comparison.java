package io.pgconvoy.verify.rows;

import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.model.Difference;
import io.pgconvoy.verify.inventory.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What comparing the rows of two databases found.
 *
 * @param tables how many tables were compared
 * @param rows the source's rows in all; empty where they were not counted
 * @param differing the tables that differ or are missing
 * @param unknown tables of which either side has no estimate, or whose checksums cannot be compared
 */
public record Comparison(long tables, Optional<Long> rows, List<TableDifference> differing, List<String> unknown) {
    /** Estimates within this part of each other count as the same: ANALYZE reads a sample. */
    private static final double TOLERANCE = 0.1;

    private static final long SMALL = 1000;

    public Comparison {
        differing = List.copyOf(differing);
        unknown = List.copyOf(unknown);
    }

    /**
     * A table that differs.
     *
     * @param what the end of a sentence that begins with the table
     * @param contents whether it is there on both sides and its rows differ, be it only their number
     */
    public record TableDifference(String schema, String table, String what, boolean contents) {
        @Override
        public String toString() {
            return "table " + Names.printed(schema, table) + " " + what;
        }
    }

    /** One line for each table that differs or is missing. */
    public List<String> differences() {
        return differing.stream().map(TableDifference::toString).toList();
    }

    /**
     * Compares what was counted on the source with what is on the target, and checksums where both sides have them.
     *
     * @param level what the numbers are: with none, only whether each table is there is compared
     */
    public static Comparison of(List<TableRows> source, List<TableRows> target, VerifyLevel level) {
        Map<List<String>, TableRows> byName = new LinkedHashMap<>();
        target.forEach(table -> byName.put(List.of(table.schema(), table.table()), table));
        List<TableDifference> differing = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        long rows = 0;
        for (TableRows expected : source) {
            TableRows found = byName.get(List.of(expected.schema(), expected.table()));
            rows += expected.rows().orElse(0L);
            if (found == null) {
                differing.add(difference(expected, Difference.MISSING, false));
            } else if (level != VerifyLevel.NONE) {
                compare(expected, found, level, differing, unknown);
            }
        }
        return new Comparison(source.size(), level.counts() ? Optional.of(rows) : Optional.empty(), differing, unknown);
    }

    private static void compare(
            TableRows expected,
            TableRows found,
            VerifyLevel level,
            List<TableDifference> differing,
            List<String> unknown) {
        String name = "table " + Names.printed(expected.schema(), expected.table());
        if (expected.rows().isEmpty() || found.rows().isEmpty()) {
            unknown.add(name);
        } else if (!same(expected.rows().get(), found.rows().get(), level.estimates())) {
            differing.add(difference(
                    expected,
                    "has " + (level.estimates() ? "about " : "")
                            + expected.rows().get() + " rows on the source and "
                            + found.rows().get() + " on the target",
                    true));
        } else if (expected.checksum().isPresent() && found.checksum().isPresent()) {
            String source = expected.checksum().get();
            String target = found.checksum().get();
            if (!version(source).equals(version(target))) {
                unknown.add(name + " (its checksum was made by another version of pgconvoy)");
            } else if (!source.equals(target)) {
                differing.add(difference(
                        expected,
                        "has the same number of rows, " + expected.rows().get() + ", but other contents",
                        true));
            }
        }
    }

    private static TableDifference difference(TableRows table, String what, boolean contents) {
        return new TableDifference(table.schema(), table.table(), what, contents);
    }

    /** The version of how a checksum is made stands before the colon. */
    private static String version(String checksum) {
        return checksum.substring(0, checksum.indexOf(':') + 1);
    }

    private static boolean same(long source, long target, boolean estimates) {
        if (!estimates) {
            return source == target;
        }
        long larger = Math.max(source, target);
        return Math.abs(source - target) <= Math.max(SMALL, larger * TOLERANCE) && (source == 0) == (target == 0);
    }
}
