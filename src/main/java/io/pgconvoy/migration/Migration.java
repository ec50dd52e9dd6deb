package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.objects.KnownMembers;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsMigration;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.globals.TemporaryMemberships;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.migration.DebtBook.Debt;
import io.pgconvoy.migration.run.ExistingDatabases;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.run.TargetDatabases;
import io.pgconvoy.migration.run.WrittenRows;
import io.pgconvoy.plan.MemoryFit;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.concurrent.Bulkheads;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.preflight.rehearsal.SchemaRehearsal;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.report.Events;
import io.pgconvoy.survey.DeferralSurvey;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.survey.EarlierDebts;
import io.pgconvoy.survey.EarlierWork;
import io.pgconvoy.survey.LockHolder;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.survey.Survey;
import io.pgconvoy.survey.TargetLock;
import io.pgconvoy.survey.TuningNotice;
import io.pgconvoy.transfer.BuildPermits;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertCommand;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetMemory;
import io.pgconvoy.tuning.TargetTuning;
import io.pgconvoy.tuning.TuningRequest;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves one server: survey, journal, discovery, tuning, globals, a pipeline for each database, and the tuning's reversal
 * whatever happened. An object makes one run, in one thread.
 */
public final class Migration {
    private static final Logger log = LoggerFactory.getLogger(Migration.class);
    private static final int MOST_NAMED = 5;

    /** As the journal settles it, once that is known. */
    private MigrationConfig config;

    private final Events events;
    private final Cancellation cancellation;
    private final RunMessages notes;

    /** Of what is not about one database. */
    private final TransientRetry retry;

    /** Whether databases are opened for clients before the run ends. */
    private boolean clientsWrite;

    /** Whether something outside of the databases is not as on the source, for a reason that nobody knows. */
    private boolean differs;

    private EarlierWork earlier = EarlierWork.NONE;
    /** Whether what earlier runs have left is put right. */
    private boolean debtsPaid;

    /** Whether the target was given up. */
    private boolean targetGone;

    private GlobalsResult globals = GlobalsResult.NOTHING;
    private List<DatabaseResult> results = List.of();

    public Migration(MigrationConfig config, Events events, Cancellation cancellation) {
        this.config = config;
        this.events = events;
        this.cancellation = cancellation;
        this.notes = new RunMessages(events);
        this.retry = new TransientRetry(cancellation, notes::passing);
    }

    /**
     * Does it.
     *
     * @return what came of it; failed databases are in there, not thrown
     * @throws PgconvoyException where no database was begun; the target's settings are as before, or the exception says
     *     that they are not
     */
    public Report run() {
        try (TargetLock lock = new TargetLock(config.policy().shareTarget(), notes, cancellation)) {
            return run(lock);
        } catch (PgconvoyException refused) {
            if (!debtsPaid) {
                tellTuning();
            }
            throw refused;
        }
    }

    /** A run that is refused reverts nothing, but what it leaves like that is said. */
    private void tellTuning() {
        try {
            TuningNotice.of(config, cancellation).ifPresent(notice -> notes.warning(notice.toString()));
        } catch (PgconvoyException unknown) {
            log.debug("whether the target is tuned is not known", unknown);
        }
    }

    private Report run(TargetLock lock) {
        Instant startedAt = Instant.now();
        Survey survey = Survey.of(config, notes, cancellation, lock::take);
        config = survey.config();
        DumpRoot.checkWritable(config.dumpRoot());
        JournalStore store = survey.place().journal();
        try (Journal journal = Journal.open(
                store, survey.source().identity(), survey.target().identity(), config.dumpRoot(), config.verify())) {
            Server source = survey.source().server().withApplicationName(journal.applicationName());
            Server target = survey.target().server().withApplicationName(journal.applicationName());
            Leftovers.endSessions(source);
            Leftovers.endSessions(target);
            try (LockWatch sourceLocks = LockWatch.start(source, notes::passing);
                    LockWatch targetLocks = LockWatch.start(target, notes::passing)) {
                return run(startedAt, survey, journal, source, target, sourceLocks, lock);
            }
        }
    }

    private Report run(
            Instant startedAt,
            Survey survey,
            Journal journal,
            Server source,
            Server target,
            LockWatch sourceLocks,
            TargetLock lock) {
        JournalStore store = journal.store();
        payDebts(source, target, store, lock);
        debtsPaid = true;
        // Before it is asked what else the target holds.
        retry.again(
                "dropping what a rehearsal left",
                () -> SchemaRehearsal.tidy(
                        config, target, survey.target().status().systemIdentifier(), notes::info));
        ClosedDatabases closed = new ClosedDatabases(source.undisturbed(), store);
        Discovery discovery = retry.run("discovery", () -> Discovery.of(source, config, store));
        discovery.refuseUnmatchedRedo(config.rerun());
        earlier = retry.run(
                "the look at the target's databases",
                () -> EarlierWork.of(store, config, discovery.databases(), target));
        Map<DatabaseName, List<DeferrableTable>> deferred = survey(source, target, closed, discovery, store);
        notes.deferred(deferred);
        clientsWrite = !deferred.isEmpty();
        TargetDatabases targetDatabases = new TargetDatabases(
                target,
                new DatabaseSetup(source, target, config.tablespaces()),
                journal.id(),
                droppable(survey),
                lock::claim);
        ExistingDatabases existing = new ExistingDatabases(target, journal, discovery, targetDatabases);
        retry.again("the look at the target's databases", existing::refuseForeign);
        Redo.forget(config.rerun(), journal, discovery.databases(), notes);
        existing.ours().forEach(lock::claim);
        try (ServerPools sourcePools = new ServerPools(source);
                ServerPools targetPools =
                        new ServerPools(target, survey.parallelism().administrators())) {
            Run run = new Run(
                    survey,
                    sourcePools,
                    targetPools,
                    sourceLocks,
                    journal,
                    discovery,
                    targetDatabases,
                    closed,
                    Bulkheads.of(survey.parallelism()),
                    new BuildPermits(survey.parallelism().restoreJobs()),
                    new TemporaryMemberships(source.undisturbed(), target.undisturbed(), store),
                    lock,
                    new KnownMembers(),
                    new WrittenRows(),
                    events,
                    cancellation);
            Optional<PgconvoyException> stopped = move(run, existing);
            if (stopped.isPresent() && results.isEmpty()) {
                throw stopped.get();
            }
            return report(startedAt, survey, discovery, stopped);
        }
    }

    /** What may be dropped though this migration did not make it: what was there when the run began and nobody else's. */
    private Set<Long> droppable(Survey survey) {
        if (!config.dropExisting()) {
            return Set.of();
        }
        Set<Long> droppable = new HashSet<>(survey.present());
        droppable.removeAll(TargetLock.madeByOthers(survey.target().server()));
        return droppable;
    }

    /** Puts right what killed runs have left changed on either server. */
    private void payDebts(Server source, Server target, JournalStore store, TargetLock lock) {
        ClosedDatabases opened = new ClosedDatabases(source.undisturbed(), store);
        new DebtBook(cancellation)
                .add(new Debt(
                        "closing what an earlier run opened",
                        () -> opened.closeAll()
                                .ifPresent(outcome -> tellClosed("of what an earlier run opened, ", outcome))))
                .add(new Debt(
                        "closing what other runs opened",
                        () -> EarlierDebts.OPENED_DATABASES
                                .settleOthers(source, store, config.stateDir())
                                .forEach(notes::info)))
                .add(new Debt(
                        "reverting earlier tuning",
                        () -> lock.withTuning(alone -> {
                            revertEarlier(target, store, alone);
                            return alone;
                        })))
                .settleEarlier();
    }

    /** Other runs that are at work on the same target go on with the tuning that this migration has left. */
    private void revertEarlier(Server target, JournalStore store, boolean alone) {
        TargetTuning own = new TargetTuning(target.undisturbed(), store);
        if (alone || !own.handOver()) {
            own.revert().ifPresent(outcome -> tellReverted("an earlier run's tuning of the target", outcome));
        }
        if (alone) {
            EarlierDebts.TUNING.settleOthers(target, store, config.stateDir()).forEach(notes::info);
            // Of runs whose journals are elsewhere.
            TargetTuning.revertMarked(target)
                    .ifPresent(outcome -> tellReverted("another run's tuning of the target", outcome));
        }
    }

    private Map<DatabaseName, List<DeferrableTable>> survey(
            Server source, Server target, ClosedDatabases closed, Discovery discovery, JournalStore store) {
        try {
            return DeferralSurvey.run(config, source, target, Optional.of(closed), discovery, store, earlier, notes);
        } finally {
            closed.closeAll();
        }
    }

    /** What is between tuning the target and reverting that; returns what broke it off. */
    private Optional<PgconvoyException> move(Run run, ExistingDatabases existing) {
        Server target = run.target();
        TargetLock lock = run.lock();
        TargetTuning tuning = new TargetTuning(
                target.undisturbed(),
                run.journal().store(),
                LockHolder.ownText(run.journal().store()));
        Debt tuned = tuned(tuning, target, lock);
        // First the target, which is not to wait for a source that may be silent.
        DebtBook debts = new DebtBook(cancellation)
                .add(tuned)
                .add(new Debt(
                        "closing the source's databases",
                        () -> run.closedDatabases().closeAll().ifPresent(outcome -> tellClosed("", outcome))))
                .add(borrowed(run));
        Optional<PgconvoyException> stopped = Optional.empty();
        Optional<PgconvoyException> unsettled;
        try {
            cancellation.check();
            if (run.managed()) {
                new DebtBook(cancellation).add(borrowed(run)).settleEarlier();
                retry.again("borrowing roles", run.memberships()::take);
            }
            retry.again("dropping what an earlier run left", run.targetDatabases()::dropTemporary);
            if (config.tuneTarget() && isWorkLeft(run.discovery())) {
                debts.incur(tuned);
                lock.withTuning(alone -> {
                    tune(run, tuning, existing);
                    return alone;
                });
            }
            try (var breaker = new SessionTerminator(cancellation, List.of(run.source(), target))) {
                load(run);
            }
        } catch (PgconvoyException thrown) {
            PgconvoyException failure = lock.lost().orElseGet(() -> cancellation.cause(thrown));
            stopped = Optional.of(failure);
            if (!results.isEmpty() && failure.kind() != ErrorKind.INTERRUPTED) {
                notes.error(failure);
            }
        } finally {
            unsettled = debts.settle(notes);
        }
        return unsettled.isPresent() ? unsettled : stopped;
    }

    private Debt tuned(TargetTuning tuning, Server target, TargetLock lock) {
        return new Debt(
                "reverting the target's tuning",
                () -> true,
                () -> lock.leaveTuning(alone -> {
                    revert(tuning, target, alone);
                    return alone;
                }),
                // Why has been told.
                failure -> targetGone ? failure.saying("the target's tuning is not reverted", failure.hint()) : failure,
                Optional.of(new Cancellation.Debt(
                        "the target's tuning is reverted",
                        target.label() + " is still tuned, and fsync may be off there until: "
                                + RevertCommand.of(target.endpoint(), Optional.of(config.stateDir())))));
    }

    private void load(Run run) {
        Server source = run.source();
        Server target = run.target();
        cancellation.check();
        if (config.migrateGlobals()) {
            // Two runs that share the target would both make the roles that are missing.
            run.lock().withTuning(alone -> {
                carryOver(
                        retry.run("globals", () -> new GlobalsMigration(source, target, config.tablespaces()).apply()));
                return alone;
            });
        }
        if (run.managed()) {
            // By now all roles are there.
            retry.again("borrowing roles", run.memberships()::take);
            run.memberships().warnings().forEach(notes::warning);
        }
        moveDatabases(run);
        PostMigrationChecks checks = new PostMigrationChecks(run, results, notes);
        checks.tellChanges();
        cancellation.check();
        if (config.migrateGlobals()) {
            DatabaseSetup setup = new DatabaseSetup(source, target, config.tablespaces());
            // Last, since these settings reach our own sessions, too.
            for (DatabaseProperties database : run.discovery().bare()) {
                if (run.targetDatabases().oid(database.name()).isPresent()) {
                    carryOver(retry.run("settings", () -> setup.finish(database, database.name())));
                }
            }
            carryOver(retry.run("settings", setup::applySettingsOfEverybody));
            differs = retry.run(
                    "comparison",
                    () -> checks.findsDifferences(config.tablespaces().leaveOut()));
        }
    }

    private void moveDatabases(Run run) {
        notes.begin(run.discovery(), earlier);
        DatabaseScheduler scheduler = new DatabaseScheduler(
                new PipelineWork(run),
                run.parallelism().dumpParallel() + 2 * run.parallelism().restoreParallel(),
                run.bulkheads().source(),
                new ServerOutage(
                        List.of(run.source(), run.target()), config.policy().reconnectTimeout(), cancellation, notes),
                cancellation);
        results = scheduler.run(run.discovery().databases());
        scheduler.gone().ifPresent(gone -> {
            targetGone = gone.kind() == ErrorKind.TARGET;
            throw gone;
        });
    }

    private boolean isWorkLeft(Discovery discovery) {
        return !discovery.databases().stream().allMatch(earlier::isComplete);
    }

    private void tune(Run run, TargetTuning tuning, ExistingDatabases existing) {
        boolean shared = run.lock().isShared();
        Optional<List<String>> joined = shared ? tuning.join() : Optional.empty();
        if (joined.isPresent()) {
            notes.info("the target is tuned by another run that shares it: " + String.join(", ", joined.get()));
            return;
        }
        tune(tuning, run.target(), existing.others(), run.parallelism().concurrentBuilders());
        if (shared && TargetTuning.inForce(run.target()).isEmpty()) {
            // Another run would take the tuned values for the old ones.
            tuning.revert().ifPresent(outcome -> tellReverted("the target's tuning", outcome));
        }
    }

    private void tune(TargetTuning tuning, Server target, List<String> others, int builders) {
        TuningRequest request = new TuningRequest(
                MemoryFit.maintenanceWorkMem(TargetMemory.ask(target).size(), builders),
                clientsWrite,
                crashSafety(others));
        notes.tuned(tuning.apply(request));
    }

    private CrashSafety crashSafety(List<String> others) {
        if (config.policy().shareTarget()) {
            return new CrashSafety(false, "the target is shared with other runs");
        }
        if (!others.isEmpty()) {
            return new CrashSafety(false, "the target also holds database " + fewOf(others));
        }
        return clientsWrite
                ? new CrashSafety(false, "clients write while deferred tables are loaded")
                : new CrashSafety(true, "the target holds no other databases");
    }

    private static String fewOf(List<String> names) {
        String few = String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())));
        return names.size() > MOST_NAMED ? few + " and " + (names.size() - MOST_NAMED) + " more" : few;
    }

    private void carryOver(GlobalsResult result) {
        notes.globals(result);
        globals = globals.plus(result);
    }

    private void tellClosed(String what, RevertOutcome outcome) {
        outcome.restored().forEach(line -> notes.info(what + line));
        outcome.warnings().forEach(notes::warning);
    }

    private void giveBack(Run run) {
        GlobalsResult result = run.memberships().giveBack();
        result.warnings().forEach(notes::warning);
        if (config.migrateGlobals()) {
            // What is refused has been said when all memberships were granted.
            new GlobalsMigration(run.source().undisturbed(), run.target().undisturbed(), config.tablespaces())
                    .applyMembershipsOfUser()
                    .failures()
                    .forEach(notes::error);
        }
    }

    /** What was borrowed is given back also when the run failed; where that fails, the next run does it. */
    private Debt borrowed(Run run) {
        return new Debt("giving back borrowed roles", run.memberships()::isOwed, () -> {
            try {
                giveBack(run);
            } catch (PgconvoyException failure) {
                notes.warning("the target's user is still a member of roles that it borrowed for the migration: "
                        + failure.getMessage() + "; the next run gives them back, or see docs/managed.md");
            }
        });
    }

    /** Puts the target's settings back, unless other runs go on with them. */
    private void revert(TargetTuning tuning, Server target, boolean alone) {
        if (!alone && tuning.handOver()) {
            notes.info("the target's tuning stays until the last run ends that shares it");
            return;
        }
        tuning.revert().ifPresent(outcome -> tellReverted("the target's tuning", outcome));
        if (alone && config.policy().shareTarget()) {
            // This run may have tuned nothing, and still be the last.
            TargetTuning.revertMarked(target)
                    .ifPresent(outcome -> tellReverted("another run's tuning of the target", outcome));
        }
    }

    private void tellReverted(String what, RevertOutcome outcome) {
        notes.info(what + " is reverted: " + String.join(", ", outcome.restored()));
        outcome.warnings().forEach(notes::warning);
    }

    private Report report(Instant startedAt, Survey survey, Discovery discovery, Optional<PgconvoyException> end) {
        notes.triedAgain(retry);
        List<DatabaseResult> all = new ArrayList<>(results);
        for (DatabaseProperties database : discovery.refusing()) {
            all.add(DatabaseResult.failed(database, Discovery.refused(database)));
        }
        boolean failed = differs
                || !globals.failures().isEmpty()
                || all.stream()
                        .anyMatch(result -> result.outcome() == Outcome.FAILED || result.outcome() == Outcome.DIFFERS);
        return new Report(
                SummaryBuilder.build(startedAt, survey.source(), survey.target(), all, globals, notes, end), failed);
    }
}
