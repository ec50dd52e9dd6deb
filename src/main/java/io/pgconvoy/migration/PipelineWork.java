package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.CrashLoss;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.source.DumpLane;
import io.pgconvoy.postgres.concurrent.Permit;
import io.pgconvoy.report.Event.Outcome;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the scheduler does with each database of a run: its pipeline, unless an earlier run has finished it. */
record PipelineWork(Run run) implements DatabaseScheduler.Work {
    private static final Logger log = LoggerFactory.getLogger(PipelineWork.class);

    @Override
    public Optional<DatabaseResult> earlier(DatabaseProperties database) {
        DatabaseJournal journal = run.journal().database(database.name());
        new CrashLoss(run, database, journal).forgetLost();
        Optional<Markers.Completed> completed = journal.read(Step.COMPLETED);
        // A database of the same name that was made anew on the source is another one.
        boolean same = journal.read(Step.DUMPED)
                .filter(dumped -> dumped.databaseOid() == database.oid())
                .isPresent();
        if (completed.isEmpty()
                || !same
                || !journal.isComplete(run.config().analyze())
                || !run.targetDatabases().isRestored(database.name(), journal)) {
            return Optional.empty();
        }
        Optional<Markers.Verified> verified = journal.read(Step.VERIFIED)
                .map(regular ->
                        journal.read(Step.DEFERRED_VERIFIED).map(regular::plus).orElse(regular));
        return Optional.of(new DatabaseResult(
                database,
                Outcome.EARLIER,
                verified.map(Markers.Verified::tables).orElse(0L),
                verified.flatMap(Markers.Verified::rows),
                EarlierSpans.of(journal),
                completed.get().span().elapsed(),
                "",
                completed.get().warnings(),
                DatabaseResult.Deferral.of(journal),
                Optional.empty(),
                Optional.empty()));
    }

    @Override
    public boolean needsDump(DatabaseProperties database) {
        DatabaseProgress unsaid = new DatabaseProgress(database.name(), event -> {}, run.cancellation());
        return new DumpLane(run, database, run.journal().database(database.name()), unsaid)
                .complete()
                .isEmpty();
    }

    @Override
    public DatabaseResult move(
            DatabaseProperties database, Optional<Permit> sourcePermit, DatabasePipeline.RegularPhase regular) {
        return new DatabasePipeline(run, database, sourcePermit, regular).call();
    }

    /** A crash after a database was complete takes its unlogged tables along. */
    @Override
    public DatabaseResult afterwards(DatabaseResult result) {
        if (result.outcome() != Outcome.COMPLETE && result.outcome() != Outcome.WARNINGS) {
            return result;
        }
        try {
            CrashLoss crash = new CrashLoss(
                    run,
                    result.database(),
                    run.journal().database(result.database().name()));
            List<String> lost = crash.lost();
            if (lost.isEmpty()) {
                return result;
            }
            PgconvoyException failure = crash.failure(lost);
            return DatabaseResult.failed(result.database(), failure);
        } catch (PgconvoyException unreachable) {
            // Which the run's end says.
            log.debug(
                    "database {}: looking for its unlogged tables",
                    result.database().name(),
                    unreachable);
            return result;
        }
    }
}
