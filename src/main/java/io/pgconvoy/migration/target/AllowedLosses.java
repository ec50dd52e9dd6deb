package io.pgconvoy.migration.target;

import io.pgconvoy.journal.Markers;
import io.pgconvoy.verify.rows.Comparison.TableDifference;
import java.util.List;
import java.util.Optional;

/**
 * What errors of pg_restore took away that the user allowed: tables that were not made, and rows that did not load. Each
 * was named; to compare them is no reason to fail the database over and over.
 *
 * @param errors the allowed ones, by the archive's entry
 */
record AllowedLosses(List<String> errors) {
    /** What loads rows, as an archive calls it. */
    private static final List<String> LOADS = List.of("TABLE DATA", "MATERIALIZED VIEW DATA");

    AllowedLosses {
        errors = List.copyOf(errors);
    }

    /**
     * Of a restore.
     *
     * @param allowed whether the user allows errors now, too
     */
    static AllowedLosses of(boolean allowed, Optional<Markers.Restored> restored) {
        return new AllowedLosses(restored.filter(marker -> allowed).stream()
                .flatMap(marker -> marker.allowed().stream())
                .filter(line -> line.startsWith(Markers.Restored.ALLOWED_ERROR))
                .map(line -> line.substring(Markers.Restored.ALLOWED_ERROR.length()))
                .toList());
    }

    /** Whether that is why a table differs. */
    boolean explain(TableDifference table) {
        String name = " " + table.schema() + " " + table.table() + " ";
        return table.contents()
                ? errors.stream().anyMatch(error -> LOADS.stream().anyMatch(load -> error.startsWith(load + name)))
                : !errors.isEmpty();
    }
}
