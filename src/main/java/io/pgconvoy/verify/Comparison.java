package io.pgconvoy.verify;

import io.pgconvoy.journal.Markers.TableRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What comparing the rows of two databases found.
 *
 * @param tables how many tables were compared
 * @param rows the source's rows in all; empty for estimates
 * @param differences one line for each table that differs or is missing
 * @param unknown tables of which either side has no estimate, or whose checksums cannot be compared
 */
public record Comparison(long tables, Optional<Long> rows, List<String> differences, List<String> unknown) {
    /** Estimates within this part of each other count as the same: ANALYZE reads a sample. */
    private static final double TOLERANCE = 0.1;

    private static final long SMALL = 1000;

    public Comparison {
        differences = List.copyOf(differences);
        unknown = List.copyOf(unknown);
    }

    /**
     * Compares what was counted on the source with what is on the target, and checksums where both sides have them.
     *
     * @param estimates whether the numbers are estimates
     */
    public static Comparison of(List<TableRows> source, List<TableRows> target, boolean estimates) {
        Map<List<String>, TableRows> byName = new LinkedHashMap<>();
        target.forEach(table -> byName.put(List.of(table.schema(), table.table()), table));
        List<String> differences = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        long rows = 0;
        for (TableRows expected : source) {
            String name = expected.schema() + "." + expected.table();
            TableRows found = byName.get(List.of(expected.schema(), expected.table()));
            rows += expected.rows().orElse(0L);
            if (found == null) {
                differences.add("table " + name + " is missing on the target");
            } else if (expected.rows().isEmpty() || found.rows().isEmpty()) {
                unknown.add("table " + name);
            } else if (!same(expected.rows().get(), found.rows().get(), estimates)) {
                differences.add("table " + name + " has " + (estimates ? "about " : "")
                        + expected.rows().get() + " rows on the source and "
                        + found.rows().get() + " on the target");
            } else {
                compareContents(name, expected, found, differences, unknown);
            }
        }
        return new Comparison(source.size(), estimates ? Optional.empty() : Optional.of(rows), differences, unknown);
    }

    /** Where both sides have a checksum; the version of how it is made stands before the colon. */
    private static void compareContents(
            String name, TableRows expected, TableRows found, List<String> differences, List<String> unknown) {
        if (expected.checksum().isEmpty() || found.checksum().isEmpty()) {
            return;
        }
        String source = expected.checksum().get();
        String target = found.checksum().get();
        if (!version(source).equals(version(target))) {
            unknown.add("table " + name + " (its checksum was made by another version of pgconvoy)");
        } else if (!source.equals(target)) {
            differences.add("table " + name + " has the same number of rows, "
                    + expected.rows().orElseThrow() + ", but other contents");
        }
    }

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
