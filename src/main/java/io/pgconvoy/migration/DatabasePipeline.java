package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.CrashLoss;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.DumpDamage;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.source.DumpLane;
import io.pgconvoy.migration.source.InventoryCheck;
import io.pgconvoy.migration.source.InventoryResult;
import io.pgconvoy.migration.source.PartsLane;
import io.pgconvoy.migration.source.SnapshotRecovery;
import io.pgconvoy.migration.source.StreamLane;
import io.pgconvoy.migration.target.DeferredLane;
import io.pgconvoy.migration.target.RestoreLane;
import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Permit;
import io.pgconvoy.report.Event;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.tuning.ClosedDatabases.Opening;
import io.pgconvoy.verify.rows.TableChanges;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database's way from the source to the target, top to bottom in one thread. The dump holds a permit of the source
 * bulkhead, everything from the restore on one of the target's, so that the next database's dump begins while this one is
 * still being restored. Deferred tables are dumped beside the restore, and loaded when every database of the run is up.
 */
final class DatabasePipeline {
    private static final Logger log = LoggerFactory.getLogger(DatabasePipeline.class);
    private static final int MOST_NAMED = 10;

    /** A line on the screen has so many; the summary has them all. */
    private static final int MOST_WARNINGS = 3;

    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;
    private Optional<Permit> sourcePermit;
    /** While it is read. */
    private volatile Opening opening = Opening.NOTHING;

    /** Likewise. */
    private volatile Optional<StreamLane> stream = Optional.empty();

    private final RegularPhase regularPhase;

    /** Everything but the deferred tables. */
    interface RegularPhase {
        /** To be called when this database is up or has failed; idempotent. */
        void ended();

        /** Waits until that is so for all databases. */
        void awaitOthers();

        /** Waits where a server does not answer, as all databases do; throws once it is given up. */
        void awaitServers();

        /** To be called when this database has failed, before its place is free for another one. */
        void failed(PgconvoyException failure);
    }

    /**
     * @param sourcePermit taken already by who keeps the databases' order, for a database that is still to be dumped;
     *     given back here
     * @param regularPhase of this database
     */
    DatabasePipeline(Run run, DatabaseProperties database, Optional<Permit> sourcePermit, RegularPhase regularPhase) {
        this.run = run;
        this.database = database;
        this.journal = run.journal().database(database.name());
        this.progress = new DatabaseProgress(database.name(), run.events(), run.cancellation());
        this.sourcePermit = sourcePermit;
        this.regularPhase = regularPhase;
    }

    DatabaseResult call() {
        Instant startedAt = Instant.now();
        long startedNanos = System.nanoTime();
        DatabaseResult result;
        try {
            Moved moved =
                    refuseConnections(move()).plusWarnings(progress.retry().notes());
            Markers.Verified verified = moved.verified();
            Span span = new Span(startedAt, Duration.ofNanos(System.nanoTime() - startedNanos));
            // First the dump, which a restored database needs no more: killed in between, the next run is back here.
            if (!run.config().keepDumps()) {
                run.archives().deleteUsed(database.name());
            }
            result = moved.differences().isEmpty()
                    ? completed(verified, span)
                    : up(Outcome.DIFFERS, verified, span.elapsed(), Optional.of(differs(moved.differences())));
        } catch (PgconvoyException thrown) {
            PgconvoyException failure = run.cancellation().cause(thrown);
            log.debug("database {}", database.name(), thrown);
            regularPhase.failed(failure);
            result = failure.kind() == ErrorKind.INTERRUPTED
                    ? failed(
                            Outcome.INTERRUPTED,
                            startedNanos,
                            journal.lastStep().orElse(""),
                            Optional.empty(),
                            Optional.empty())
                    : failed(
                            Outcome.FAILED,
                            startedNanos,
                            "",
                            Optional.of(Failure.of(failure)),
                            SharedTrouble.of(failure));
        } catch (RuntimeException bug) {
            log.error("database {}: a bug in pgconvoy", database.name(), bug);
            result = failed(Outcome.FAILED, startedNanos, "", Optional.of(Failure.ofBug(bug)), Optional.empty());
        } finally {
            doneReading();
        }
        run.events()
                .publish(new Event.DatabaseFinished(
                        database.name(), database.size(), result.outcome(), result.elapsed(), summary(result)));
        return result;
    }

    /**
     * A database that is up.
     *
     * @param differences what is not as on the source, but for rows
     */
    private record Moved(Markers.Verified verified, List<Difference> differences) {
        Moved plusWarnings(List<String> more) {
            return new Moved(
                    new Markers.Verified(
                            verified.database(),
                            verified.verify(),
                            verified.tables(),
                            verified.rows(),
                            Stream.concat(verified.warnings().stream(), more.stream())
                                    .toList()),
                    differences);
        }
    }

    private DatabaseResult completed(Markers.Verified verified, Span span) {
        journal.write(
                Step.COMPLETED,
                new Markers.Completed(
                        database.name().value(), database.size().bytes(), span, verified.warnings(), transactions()));
        Outcome outcome = verified.warnings().isEmpty() ? Outcome.COMPLETE : Outcome.WARNINGS;
        return up(outcome, verified, span.elapsed(), Optional.empty());
    }

    /** The moment from which on clients may write, where a crash of the target would have that asked for. */
    private Optional<String> transactions() {
        if (journal.read(Step.UNLOGGED).isEmpty() || !database.allowsConnections()) {
            return Optional.empty();
        }
        try (Session session = run.target().session(database.name(), "asking for the transactions that have ended")) {
            return Optional.of(TableChanges.now(session));
        }
    }

    /** Compares all that is not rows, under the permit of whoever did the rest. */
    private Moved compared(Markers.Verified verified, boolean deferred) {
        InventoryResult verdict =
                progress.retry().run("comparison", () -> new InventoryCheck(run, journal).compare(deferred, progress));
        return new Moved(verified, verdict.differences()).plusWarnings(verdict.warnings());
    }

    private Failure differs(List<Difference> differences) {
        List<String> lines = differences.stream().map(Difference::sentence).toList();
        return new Failure(
                ErrorKind.TARGET,
                "all rows are there, but " + differences.size()
                        + (differences.size() == 1 ? " thing differs: " : " things differ: ")
                        + String.join("; ", lines.subList(0, Math.min(MOST_NAMED, lines.size())))
                        + (lines.size() > MOST_NAMED ? "; ..." : ""),
                "Repair that on the target, or on the source where that is wrong, and run the same command again, which"
                        + " compares again; --redo '" + database.name()
                        + "' moves the database anew. 'pgconvoy verify' names each"
                        + " and how to look at it.");
    }

    /** What a damaged dump, a lost snapshot or a crash of the target has failed is done once more. */
    private Moved move() {
        CrashLoss crash = new CrashLoss(run, database, journal);
        try {
            Moved moved = move(Optional.empty());
            if (!crash.forgetLost()) {
                return moved;
            }
        } catch (PgconvoyException failure) {
            Optional<DumpDamage> damage = DumpDamage.of(failure);
            boolean lostSnapshot = SnapshotRecovery.isCauseOf(failure);
            if (run.cancellation().isCancelled() || (damage.isEmpty() && !lostSnapshot && !isCrash(crash, failure))) {
                throw failure;
            }
            if (lostSnapshot) {
                boolean deferred = journal.read(Step.DEFERRED).isPresent();
                progress.retry().tells(deferred ? "dump of deferred tables" : "dump", failure, 2, 2);
            }
            log.debug("database {}", database.name(), failure);
            return kept(crash, move(damage));
        }
        return kept(crash, move(Optional.empty()));
    }

    private static Moved kept(CrashLoss crash, Moved moved) {
        List<String> lost = crash.lost();
        if (!lost.isEmpty()) {
            throw crash.failure(lost);
        }
        return moved;
    }

    private static boolean isCrash(CrashLoss crash, PgconvoyException failure) {
        try {
            return crash.forgetLost();
        } catch (PgconvoyException second) {
            failure.addSuppressed(second);
            return false;
        }
    }

    private Moved move(Optional<DumpDamage> damage) {
        DumpLane.Dump dump = dump(damage);
        Moved regular;
        stream = dump.stream();
        if (dump.parts().isEmpty() && stream.isEmpty()) {
            doneReading();
        }
        try (PartsTask parts = PartsTask.start(database.name(), dump.parts(), run.cancellation(), this::doneReading)) {
            try {
                regular = restore(dump.marker(), parts);
            } finally {
                // Up or not, no other database waits for the dump of this one's parts.
                regularPhase.ended();
                dump.parts().ifPresent(PartsLane::speedUp);
            }
            if (journal.read(Step.DEFERRED).isEmpty()) {
                return regular;
            }
            parts.await();
        }
        try (var waiting = progress.begin(Phase.WAIT_REGULAR)) {
            regularPhase.awaitOthers();
        }
        try (var waiting = progress.begin(Phase.WAIT_TARGET);
                Permit permit = Permit.take(run.bulkheads().target(), run.cancellation());
                Server.Keeping keeping = run.target().keep(database.name())) {
            regularPhase.awaitServers();
            waiting.close();
            return compared(regular.verified().plus(new DeferredLane(run, database, journal, progress).run()), true);
        }
    }

    private DumpLane.Dump dump(Optional<DumpDamage> damage) {
        DumpLane lane = new DumpLane(run, database, journal, progress);
        Optional<Markers.Dumped> complete =
                damage.isPresent() ? Optional.empty() : progress.retry().run("dump", lane::complete);
        if (complete.isPresent()) {
            return new DumpLane.Dump(complete.get());
        }
        damage.map(found -> "since its dump is damaged: " + found.what())
                .or(lane::whyAgain)
                .ifPresent(why -> tell(Event.Level.WARNING, database.name() + ": dumped again, " + why));
        takeSourcePermit();
        if (!database.allowsConnections()) {
            if (!run.config().openClosed()) {
                throw Discovery.refused(database);
            }
            opening = progress.retry()
                    .run("opening on the source", () -> run.closedDatabases().open(database.name(), database.oid()));
            tell(
                    Event.Level.INFO,
                    "database \"" + database.name() + "\" is open on the source for the time of its dump");
        }
        return lane.run(damage);
    }

    /** To be called when nothing more is read from the source; idempotent. */
    private void doneReading() {
        stream.ifPresent(StreamLane::close);
        stream = Optional.empty();
        try {
            opening.close();
        } catch (PgconvoyException stillOpen) {
            log.debug("database {}", database.name(), stillOpen);
            // A cancellation ends the session that closes it, too. In any case the run's end tries again.
            if (!run.cancellation().isCancelled()) {
                tell(Event.Level.WARNING, stillOpen.getMessage() + "; the end of the run tries again");
            }
        } finally {
            givePermitBack();
        }
    }

    /** Who keeps the order has taken it, unless only the restore found out that the dump is of no use. */
    private void takeSourcePermit() {
        synchronized (this) {
            if (sourcePermit.isPresent()) {
                return;
            }
        }
        try (var waiting = progress.begin(Phase.WAIT_SOURCE)) {
            Permit taken = Permit.take(run.bulkheads().source(), run.cancellation());
            synchronized (this) {
                sourcePermit = Optional.of(taken);
            }
        }
    }

    private synchronized void givePermitBack() {
        sourcePermit.ifPresent(Permit::close);
        sourcePermit = Optional.empty();
    }

    /** The very last step, after which nothing can be looked at any more: so it waits for what differs to be repaired. */
    private Moved refuseConnections(Moved moved) {
        if (database.allowsConnections() || !moved.differences().isEmpty()) {
            return moved;
        }
        try {
            progress.retry().again("settings", () -> run.targetDatabases().close(database.name(), journal));
        } catch (PgconvoyException refused) {
            if (SqlState.state(refused).isEmpty() || SqlState.isBrokenOff(refused)) {
                throw refused;
            }
            return moved.plusWarnings(
                    List.of("it accepts connections, other than on the source: " + refused.getMessage()));
        }
        run.targetDatabases().flush();
        return moved;
    }

    private void tell(Event.Level level, String text) {
        run.events().publish(new Event.Message(level, text));
    }

    private Moved restore(Markers.Dumped dumped, PartsTask parts) {
        try (var waiting = progress.begin(Phase.WAIT_TARGET);
                Permit permit = Permit.take(run.bulkheads().target(), run.cancellation());
                Server.Keeping keeping = run.target().keep(database.name())) {
            regularPhase.awaitServers();
            waiting.close();
            RestoreLane lane = new RestoreLane(run, database, journal, progress, stream, this::doneReading);
            Markers.Verified verified = lane.run(dumped);
            // Nobody is invited into a database whose deferred tables are known to have failed.
            parts.check();
            lane.open();
            // Deferred tables have neither rows nor all of their indexes yet.
            return journal.read(Step.DEFERRED).isPresent() ? new Moved(verified, List.of()) : compared(verified, false);
        }
    }

    private DatabaseResult failed(
            Outcome outcome,
            long startedNanos,
            String detail,
            Optional<Failure> failure,
            Optional<SharedTrouble> trouble) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
        return result(
                outcome, 0, Optional.empty(), elapsed, detail, progress.retry().notes(), failure, trouble);
    }

    private DatabaseResult up(
            Outcome outcome, Markers.Verified verified, Duration elapsed, Optional<Failure> differences) {
        return result(
                outcome,
                verified.tables(),
                verified.rows(),
                elapsed,
                "",
                verified.warnings(),
                differences,
                Optional.empty());
    }

    private DatabaseResult result(
            Outcome outcome,
            long tables,
            Optional<Long> rows,
            Duration elapsed,
            String detail,
            List<String> warnings,
            Optional<Failure> failure,
            Optional<SharedTrouble> trouble) {
        Map<Phase, Span> phases = EarlierSpans.of(journal);
        for (Phase phase : Phase.values()) {
            progress.span(phase).ifPresent(span -> phases.put(phase, span));
        }
        return new DatabaseResult(
                database,
                outcome,
                tables,
                rows,
                phases,
                elapsed,
                detail,
                warnings,
                DatabaseResult.Deferral.of(journal),
                failure,
                trouble);
    }

    private static String summary(DatabaseResult result) {
        if (result.failure().isPresent() || !result.detail().isEmpty()) {
            return result.failure().map(Failure::message).orElse(result.detail());
        }
        List<String> warnings = result.warnings();
        return warnings.size() <= MOST_WARNINGS
                ? String.join("; ", warnings)
                : String.join("; ", warnings.subList(0, MOST_WARNINGS)) + "; and " + (warnings.size() - MOST_WARNINGS)
                        + " more";
    }
}
