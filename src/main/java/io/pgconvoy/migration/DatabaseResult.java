package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Step;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Event.Outcome;
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
 * @param detail the last step done before it was interrupted; may be empty
 * @param warnings what to look at
 * @param deferral empty where no tables are deferred
 * @param failure why it failed, or what is not the same
 * @param trouble what failed it, where that fails others, too
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
        Optional<Failure> failure,
        Optional<SharedTrouble> trouble) {
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

    /** Whether it is on the target with all of its rows. */
    boolean isUp() {
        return switch (outcome) {
            case COMPLETE, WARNINGS, DIFFERS, EARLIER -> true;
            case FAILED, INTERRUPTED, NOT_REACHED -> false;
        };
    }

    /** A database that nothing was done with in this run. */
    static DatabaseResult untouched(
            DatabaseProperties database, Outcome outcome, Optional<Failure> failure, Optional<SharedTrouble> trouble) {
        return new DatabaseResult(
                database,
                outcome,
                0,
                Optional.empty(),
                Map.of(),
                Duration.ZERO,
                "",
                List.of(),
                Optional.empty(),
                failure,
                trouble);
    }

    static DatabaseResult notReached(DatabaseProperties database) {
        return untouched(database, Outcome.NOT_REACHED, Optional.empty(), Optional.empty());
    }

    /** A database that failed before anything was done with it. */
    static DatabaseResult failed(DatabaseProperties database, PgconvoyException failure) {
        return untouched(database, Outcome.FAILED, Optional.of(Failure.of(failure)), SharedTrouble.of(failure));
    }

    /** The same where the trouble is told elsewhere. */
    DatabaseResult failedFor(SharedTrouble shared) {
        Optional<Failure> inShort = failure.map(told -> told.saying(shared.words(), ""));
        return new DatabaseResult(
                database, outcome, tables, rows, phases, elapsed, detail, warnings, deferral, inShort, trouble);
    }
}
