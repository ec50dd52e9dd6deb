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
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.report.Events;
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

/**
 * Moves one server: survey, journal, discovery, tuning, globals, a pipeline for each database, and the tuning's reversal
 * whatever happened. An object makes one run, in one thread.
 */
public final class Migration {
    private final MigrationConfig config;
    private final Events events;
    private final Cancellation cancellation;
    private final Notes notes;
    /** Whether databases are opened for clients before the run ends. */
    private boolean clientsWrite;

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
        Ground ground = Ground.survey(config, notes);
        ArchiveStore.checkWritable(config.dumpRoot());
        Path folder = Journals.folder(config);
        try (Journal journal = Journal.open(
                folder,
                ground.source().identity(),
                ground.target().identity(),
                config.dumpRoot(),
                config.fastVerify())) {
            Server source = ground.source().server().withApplicationName(journal.applicationName());
            Server target = ground.target().server().withApplicationName(journal.applicationName());
            Leftovers.endSessions(source);
            Leftovers.endSessions(target);
            new TargetTuning(target, Journals.tuning(folder), Clock.systemUTC())
                    .revert()
                    .ifPresent(outcome -> tellReverted("an earlier run's tuning of the target", outcome));
            new TuningDebts(config.stateDir()).payOthers(target, folder).forEach(notes::info);
            Discovery discovery = Discovery.of(source, config.databases());
            discovery.warnings().forEach(notes::warning);
            if (!ground.source().status().superuser()) {
                SourceAccess.check(source, journal, discovery, notes);
            }
            Map<DatabaseName, List<DeferrableTable>> deferred =
                    DeferralSurvey.run(config, source, target, discovery, folder, notes, cancellation);
            notes.deferred(deferred);
            clientsWrite = !deferred.isEmpty();
            TargetDatabases targetDatabases =
                    new TargetDatabases(target, new DatabaseSetup(source, target), journal.id(), config.dropExisting());
            ExistingDatabases existing = new ExistingDatabases(target, journal, discovery, targetDatabases);
            existing.refuseForeign();
            Optional<PgconvoyException> stopped =
                    move(ground, source, target, journal, discovery, targetDatabases, existing);
            if (stopped.isPresent() && results.isEmpty()) {
                throw stopped.get();
            }
            return report(startedAt, ground, discovery, stopped.map(PgconvoyException::kind));
        }
    }

    /** What is between tuning the target and reverting that; returns what broke it off. */
    private Optional<PgconvoyException> move(
            Ground ground,
            Server source,
            Server target,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases,
            ExistingDatabases existing) {
        TargetTuning tuning = new TargetTuning(target, Journals.tuning(journal.folder()), Clock.systemUTC());
        BorrowedRoles borrowed = new BorrowedRoles(source, target, journal);
        Optional<PgconvoyException> stopped = Optional.empty();
        Optional<PgconvoyException> unreverted;
        try {
            cancellation.check();
            if (!ground.target().status().superuser()) {
                payBack(borrowed, source, target);
                borrowed.borrow();
            }
            targetDatabases.dropTemporary();
            if (config.tuneTarget() && isWorkLeft(journal, discovery)) {
                tune(tuning, target, existing.others(), ground.parallelism().concurrentBuilders());
            }
            try (var breaker = new SessionBreaker(cancellation, List.of(source, target))) {
                load(ground, source, target, journal, discovery, targetDatabases, borrowed);
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
            unreverted = revert(tuning);
            payBack(borrowed, source, target);
        }
        return unreverted.isPresent() ? unreverted : stopped;
    }

    private void load(
            Ground ground,
            Server source,
            Server target,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases,
            BorrowedRoles borrowed) {
        cancellation.check();
        if (config.migrateGlobals()) {
            carryOver(new GlobalsMigration(source, target).apply());
        }
        if (!ground.target().status().superuser()) {
            // By now all roles are there.
            borrowed.borrow();
            borrowed.warnings().forEach(notes::warning);
        }
        moveDatabases(ground, source, target, journal, discovery, targetDatabases);
        cancellation.check();
        if (config.migrateGlobals()) {
            // Last, since ALTER ROLE ALL SET reaches our own sessions, too.
            carryOver(new DatabaseSetup(source, target).applySettingsOfEverybody());
        }
    }

    private void moveDatabases(
            Ground ground,
            Server source,
            Server target,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases) {
        try (ServerPools sourcePools = new ServerPools(source);
                ServerPools targetPools = new ServerPools(target);
                ProgressPoller poller = new ProgressPoller()) {
            Workshop shop = Workshop.furnish(
                    config, ground, sourcePools, targetPools, journal, targetDatabases, poller, events, cancellation);
            notes.begin(discovery, journal, config.analyze());
            results = new Crew(shop).run(discovery.databases());
        }
    }

    private boolean isWorkLeft(Journal journal, Discovery discovery) {
        return discovery.databases().stream()
                .anyMatch(database -> !journal.database(database.name()).isComplete(config.analyze()));
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

    private void giveBack(BorrowedRoles borrowed, Server source, Server target) {
        GlobalsResult result = borrowed.giveBack();
        result.warnings().forEach(notes::warning);
        if (config.migrateGlobals()) {
            // What is refused has been said when all memberships were granted.
            new GlobalsMigration(source, target)
                    .applyMembershipsOfUser()
                    .failures()
                    .forEach(notes::error);
        }
    }

    /** Gives back what was borrowed, also when the run failed; where that fails, the next run does it. */
    private void payBack(BorrowedRoles borrowed, Server source, Server target) {
        if (!borrowed.isOwed()) {
            return;
        }
        try {
            giveBack(borrowed, source, target);
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

    private Report report(Instant startedAt, Ground ground, Discovery discovery, Optional<ErrorKind> end) {
        List<DatabaseResult> all = new ArrayList<>(results);
        for (DatabaseProperties database : discovery.refusing()) {
            all.add(DatabaseResult.untouched(database, Outcome.FAILED, Discovery.refusal(database)));
        }
        boolean failed =
                !globals.failures().isEmpty() || all.stream().anyMatch(result -> result.outcome() == Outcome.FAILED);
        return new Report(
                SummaryBuilder.build(startedAt, ground.source(), ground.target(), all, globals, notes), failed, end);
    }
}
