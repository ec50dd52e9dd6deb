package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.TableActivity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Says how much was written to a database after its dump's snapshot. */
final class SourceChangesText {
    private static final int NAMED = 3;

    private SourceChangesText() {}

    static String of(Instant snapshot, List<TableActivity> changes) {
        String busiest = changes.stream()
                .sorted(Comparator.comparingLong(TableActivity::written).reversed())
                .limit(NAMED)
                .map(table -> table.schema() + "." + table.table() + " " + table.written())
                .collect(Collectors.joining(", "));
        return "was written to on the source after its snapshot of "
                + snapshot.truncatedTo(ChronoUnit.SECONDS) + ", and these changes are not on the target: "
                + sum(changes, TableActivity::inserted) + " rows inserted, " + sum(changes, TableActivity::updated)
                + " updated, " + sum(changes, TableActivity::deleted) + " deleted, as the server counts, in "
                + (changes.size() == 1 ? "1 table" : changes.size() + " tables") + " (" + busiest
                + (changes.size() > NAMED ? ", ..." : "") + ")";
    }

    private static long sum(List<TableActivity> changes, ToLongFunction<TableActivity> what) {
        return changes.stream().mapToLong(what).sum();
    }
}
