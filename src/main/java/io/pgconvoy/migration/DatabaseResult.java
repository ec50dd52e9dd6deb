package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Markers.Span;
import io.pgconvoy.journal.Step;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.report.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one database ended.
 *
 * @param tables how many tables were compared; 0 where it did not come to that
 * @param phases when this run's phases ran
 * @param detail why it failed; may be empty
 * @param warnings what to look at
 * @param deferral empty where no tables are deferred
 * @param failure what failed it; empty where that was a bug, too
 */
record DatabaseResult(
        DatabaseProperties database,
        Outcome outcome,
        long tables,
        Optional<Long> rows,
        Map<Phase, Span> phases,
        Duration elapsed,
        String detail,
        List<String> warnings,
        Optional<Deferral> deferral,
        Optional<PgconvoyException> failure) {
    DatabaseResult {
        phases = Map.copyOf(phases);
        warnings = List.copyOf(warnings);
    }

    /**
     * What came of the deferred tables.
     *
     * @param openedAt when the database was opened for clients; empty where it did not come to that
     */
    record Deferral(int tables, Optional<Instant> openedAt) {
        /** As the journal tells it. */
        static Optional<Deferral> of(DatabaseJournal journal) {
            return journal.read(Step.DEFERRED)
                    .map(deferred -> new Deferral(
                            deferred.tables().size(), journal.read(Step.OPENED).map(Opened::at)));
        }
    }

    /** A database that nothing was done with in this run. */
    static DatabaseResult untouched(DatabaseProperties database, Outcome outcome, String detail) {
        return new DatabaseResult(
                database,
                outcome,
                0,
                Optional.empty(),
                Map.of(),
                Duration.ZERO,
                detail,
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** A database that failed before anything was done with it. */
    static DatabaseResult failed(DatabaseProperties database, PgconvoyException failure) {
        return new DatabaseResult(
                database,
                Outcome.FAILED,
                0,
                Optional.empty(),
                Map.of(),
                Duration.ZERO,
                failure.withHint(),
                List.of(),
                Optional.empty(),
                Optional.of(failure));
    }

    /** What failed it, where that fails others, too. */
    Optional<SharedTrouble> trouble() {
        return failure.flatMap(SharedTrouble::of);
    }

    DatabaseResult withDetail(String text) {
        return new DatabaseResult(database, outcome, tables, rows, phases, elapsed, text, warnings, deferral, failure);
    }
}
