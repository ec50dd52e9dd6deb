package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsMigration;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.plan.MemoryFit;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.LockWatch;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.report.Events;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetMemory;
import io.pgconvoy.tuning.TargetTuning;
import io.pgconvoy.tuning.TuningRequest;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Moves one server: survey, journal, discovery, tuning, globals, a pipeline for each database, and the tuning's reversal
 * whatever happened. An object makes one run, in one thread.
 */
public final class Migration {
    /** As the journal settles it, once that is known. */
    private MigrationConfig config;

    private final Events events;
    private final Cancellation cancellation;
    private final Notes notes;
    /** Whether databases are opened for clients before the run ends. */
    private boolean clientsWrite;

    /** Whether something outside of the databases is not as on the source, for a reason that nobody knows. */
    private boolean differs;

    private EarlierWork earlier = EarlierWork.NONE;
    private GlobalsResult globals = GlobalsResult.NOTHING;
    private List<DatabaseResult> results = List.of();

    public Migration(MigrationConfig config, Events events, Cancellation cancellation) {
        this.config = config;
        this.events = events;
        this.cancellation = cancellation;
        this.notes = new Notes(events);
    }

    /**
     * Does it.
     *
     * @return what came of it; failed databases are in there, not thrown
     * @throws PgconvoyException where no database was begun; the target's settings are as before, or the exception says
     *     that they are not
     */
    public Report run() {
        Instant startedAt = Instant.now();
        Ground ground = Ground.survey(config, notes, cancellation);
        config = ground.config();
        ArchiveStore.checkWritable(config.dumpRoot());
        Path folder = ground.place().folder();
        try (Journal journal = Journal.open(
                folder, ground.source().identity(), ground.target().identity(), config.dumpRoot(), config.verify())) {
            Server source = ground.source().server().withApplicationName(journal.applicationName());
            Server target = ground.target().server().withApplicationName(journal.applicationName());
            Leftovers.endSessions(source);
            Leftovers.endSessions(target);
            try (LockWatch sourceLocks = LockWatch.start(source, notes::passing);
                    LockWatch targetLocks = LockWatch.start(target, notes::passing)) {
                return run(startedAt, ground, journal, folder, source, target, sourceLocks);
            }
        }
    }

    private Report run(
            Instant startedAt,
            Ground ground,
            Journal journal,
            Path folder,
            Server source,
            Server target,
            LockWatch sourceLocks) {
        payDebts(source, target, folder);
        ClosedDatabases closed = new ClosedDatabases(source, Journals.opened(folder), Clock.systemUTC());
        Discovery discovery = Discovery.of(source, config, folder);
        discovery.refuseUnmatchedRedo(config.rerun());
        earlier = EarlierWork.of(folder, config, discovery.databases(), target);
        Map<DatabaseName, List<DeferrableTable>> deferred = survey(source, target, closed, discovery, folder);
        notes.deferred(deferred);
        clientsWrite = !deferred.isEmpty();
        TargetDatabases targetDatabases = new TargetDatabases(
                target,
                new DatabaseSetup(source, target, config.tablespaces()),
                journal.id(),
                config.dropExisting() ? ground.present() : Set.of());
        ExistingDatabases existing = new ExistingDatabases(target, journal, discovery, targetDatabases);
        existing.refuseForeign();
        Redo.forget(config.rerun(), journal, discovery.databases(), notes);
        Route route = new Route(
                ground,
                source,
                target,
                journal,
                closed,
                discovery,
                targetDatabases,
                new BorrowedRoles(source, target, journal));
        Optional<PgconvoyException> stopped = move(route, existing, sourceLocks);
        if (stopped.isPresent() && results.isEmpty()) {
            throw stopped.get();
        }
        return report(startedAt, ground, discovery, stopped);
    }

    /** Puts right what killed runs have left changed on either server. */
    private void payDebts(Server source, Server target, Path folder) {
        try {
            new ClosedDatabases(source, Journals.opened(folder), Clock.systemUTC())
                    .closeAll()
                    .ifPresent(outcome -> tellClosed("of what an earlier run opened, ", outcome));
            new OpeningDebts(config.stateDir()).payOthers(source, folder).forEach(notes::info);
        } finally {
            new TargetTuning(target, Journals.tuning(folder), Clock.systemUTC())
                    .revert()
                    .ifPresent(outcome -> tellReverted("an earlier run's tuning of the target", outcome));
        }
        new TuningDebts(config.stateDir()).payOthers(target, folder).forEach(notes::info);
    }

    private Map<DatabaseName, List<DeferrableTable>> survey(
            Server source, Server target, ClosedDatabases closed, Discovery discovery, Path folder) {
        try {
            return DeferralSurvey.run(
                    config, source, target, Optional.of(closed), discovery, folder, earlier, notes, cancellation);
        } finally {
            closed.closeAll();
        }
    }

    /** What is between tuning the target and reverting that; returns what broke it off. */
    private Optional<PgconvoyException> move(Route route, ExistingDatabases existing, LockWatch sourceLocks) {
        Server target = route.target();
        TargetTuning tuning =
                new TargetTuning(target, Journals.tuning(route.journal().folder()), Clock.systemUTC());
        Optional<PgconvoyException> stopped = Optional.empty();
        Optional<PgconvoyException> unclosed;
        Optional<PgconvoyException> unreverted;
        try {
            cancellation.check();
            if (!route.isSuperuser()) {
                payBack(route);
                route.borrowed().borrow();
            }
            route.targetDatabases().dropTemporary();
            ScratchDatabases.dropLeftovers(target)
                    .forEach(name -> notes.info("dropped " + name + ", left by a rehearsal that died"));
            if (config.tuneTarget() && isWorkLeft(route.discovery())) {
                tune(
                        tuning,
                        target,
                        existing.others(),
                        route.ground().parallelism().concurrentBuilders());
            }
            try (var breaker = new SessionBreaker(cancellation, List.of(route.source(), target))) {
                load(route, sourceLocks);
            }
        } catch (PgconvoyException thrown) {
            PgconvoyException failure = cancellation.cause(thrown);
            stopped = Optional.of(failure);
            if (!results.isEmpty() && failure.kind() != ErrorKind.INTERRUPTED) {
                notes.error(failure.getMessage() + " -- " + failure.hint());
            }
        } finally {
            // The interrupt that ended the work must not end what puts things right.
            Thread.interrupted();
            unclosed = close(route.closed());
            unreverted = revert(tuning);
            payBack(route);
        }
        return Stream.of(unreverted, unclosed, stopped)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private void load(Route route, LockWatch sourceLocks) {
        Server source = route.source();
        Server target = route.target();
        cancellation.check();
        if (config.migrateGlobals()) {
            carryOver(new GlobalsMigration(source, target, config.tablespaces()).apply());
        }
        if (!route.isSuperuser()) {
            // By now all roles are there.
            route.borrowed().borrow();
            route.borrowed().warnings().forEach(notes::warning);
        }
        moveDatabases(route, sourceLocks);
        FinalLook finalLook = new FinalLook(route, results, notes);
        finalLook.tellChanges();
        cancellation.check();
        if (config.migrateGlobals()) {
            DatabaseSetup setup = new DatabaseSetup(source, target, config.tablespaces());
            // Last, since these settings reach our own sessions, too.
            for (DatabaseProperties database : route.discovery().bare()) {
                if (route.targetDatabases().oid(database.name()).isPresent()) {
                    carryOver(setup.finish(database, database.name()));
                }
            }
            carryOver(setup.applySettingsOfEverybody());
            differs = finalLook.findsDifferences(config.tablespaces().leaveOut());
        }
    }

    private void moveDatabases(Route route, LockWatch sourceLocks) {
        try (ServerPools sourcePools = new ServerPools(route.source());
                ServerPools targetPools = new ServerPools(route.target());
                ProgressPoller poller = new ProgressPoller()) {
            Workshop shop = Workshop.furnish(
                    config, route, sourcePools, targetPools, sourceLocks, poller, events, cancellation);
            notes.begin(route.discovery(), earlier);
            results = new Crew(shop).run(route.discovery().databases());
        }
    }

    private boolean isWorkLeft(Discovery discovery) {
        return !discovery.databases().stream().allMatch(earlier::isComplete);
    }

    private void tune(TargetTuning tuning, Server target, List<String> others, int builders) {
        TuningRequest request = new TuningRequest(
                MemoryFit.maintenanceWorkMem(TargetMemory.ask(target).size(), builders),
                clientsWrite,
                crashSafety(others));
        notes.tuned(tuning.apply(request));
    }

    private CrashSafety crashSafety(List<String> others) {
        if (!others.isEmpty()) {
            return new CrashSafety(false, "the target also holds database " + String.join(", ", others));
        }
        return clientsWrite
                ? new CrashSafety(false, "clients write while deferred tables are loaded")
                : new CrashSafety(true, "the target holds no other databases");
    }

    private void carryOver(GlobalsResult result) {
        notes.globals(result);
        globals = globals.plus(result);
    }

    /** Closes what is still open on the source, though nothing reads there any more; returns why that failed. */
    private Optional<PgconvoyException> close(ClosedDatabases closed) {
        try {
            closed.closeAll().ifPresent(outcome -> tellClosed("", outcome));
            return Optional.empty();
        } catch (PgconvoyException stillOpen) {
            notes.error(stillOpen.getMessage() + " -- " + stillOpen.hint());
            return Optional.of(stillOpen);
        }
    }

    private void tellClosed(String what, RevertOutcome outcome) {
        outcome.restored().forEach(line -> notes.info(what + line));
        outcome.warnings().forEach(notes::warning);
    }

    private void giveBack(Route route) {
        GlobalsResult result = route.borrowed().giveBack();
        result.warnings().forEach(notes::warning);
        if (config.migrateGlobals()) {
            // What is refused has been said when all memberships were granted.
            new GlobalsMigration(route.source(), route.target(), config.tablespaces())
                    .applyMembershipsOfUser()
                    .failures()
                    .forEach(notes::error);
        }
    }

    /** Gives back what was borrowed, also when the run failed; where that fails, the next run does it. */
    private void payBack(Route route) {
        if (!route.borrowed().isOwed()) {
            return;
        }
        try {
            giveBack(route);
        } catch (PgconvoyException failure) {
            notes.warning("the target's user is still a member of roles that it borrowed for the migration: "
                    + failure.getMessage() + "; the next run gives them back, or see docs/managed.md");
        }
    }

    /** Puts the target's settings back; returns why that failed. */
    private Optional<PgconvoyException> revert(TargetTuning tuning) {
        try {
            tuning.revert().ifPresent(outcome -> tellReverted("the target's tuning", outcome));
            return Optional.empty();
        } catch (PgconvoyException unreverted) {
            notes.error(unreverted.getMessage() + " -- " + unreverted.hint());
            return Optional.of(unreverted);
        }
    }

    private void tellReverted(String what, RevertOutcome outcome) {
        notes.info(what + " is reverted: " + String.join(", ", outcome.restored()));
        outcome.warnings().forEach(notes::warning);
    }

    private Report report(Instant startedAt, Ground ground, Discovery discovery, Optional<PgconvoyException> end) {
        List<DatabaseResult> all = new ArrayList<>(results);
        for (DatabaseProperties database : discovery.refusing()) {
            all.add(DatabaseResult.untouched(database, Outcome.FAILED, Discovery.refusal(database)));
        }
        boolean failed = differs
                || !globals.failures().isEmpty()
                || all.stream()
                        .anyMatch(result -> result.outcome() == Outcome.FAILED || result.outcome() == Outcome.DIFFERS);
        return new Report(
                SummaryBuilder.build(startedAt, ground.source(), ground.target(), all, globals, notes, end), failed);
    }
}
