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
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetMemory;
import io.pgconvoy.tuning.TargetTuning;
import io.pgconvoy.tuning.TuningRequest;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import io.pgconvoy.verify.Difference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /** Whether something outside of the databases is not as on the source, for a reason that nobody knows. */
    private boolean differs;

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
        ArchiveStore.checkWritable(config.dumpRoot());
        Path folder = Journals.folder(config);
        try (Journal journal = Journal.open(
                folder, ground.source().identity(), ground.target().identity(), config.dumpRoot(), config.verify())) {
            Server source = ground.source().server().withApplicationName(journal.applicationName());
            Server target = ground.target().server().withApplicationName(journal.applicationName());
            Leftovers.endSessions(source);
            Leftovers.endSessions(target);
            payDebts(source, target, folder);
            ClosedDatabases closed = new ClosedDatabases(source, Journals.opened(folder), Clock.systemUTC());
            Discovery discovery = Discovery.of(source, config);
            Map<DatabaseName, List<DeferrableTable>> deferred = survey(source, target, closed, discovery, folder);
            notes.deferred(deferred);
            clientsWrite = !deferred.isEmpty();
            TargetDatabases targetDatabases = new TargetDatabases(
                    target,
                    new DatabaseSetup(source, target, config.tablespaces()),
                    journal.id(),
                    config.dropExisting());
            ExistingDatabases existing = new ExistingDatabases(target, journal, discovery, targetDatabases);
            existing.refuseForeign();
            Optional<PgconvoyException> stopped =
                    move(ground, source, target, closed, journal, discovery, targetDatabases, existing);
            if (stopped.isPresent() && results.isEmpty()) {
                throw stopped.get();
            }
            return report(startedAt, ground, discovery, stopped.map(PgconvoyException::kind));
        }
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
                    config, source, target, Optional.of(closed), discovery, folder, notes, cancellation);
        } finally {
            closed.closeAll();
        }
    }

    /** What is between tuning the target and reverting that; returns what broke it off. */
    private Optional<PgconvoyException> move(
            Ground ground,
            Server source,
            Server target,
            ClosedDatabases closed,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases,
            ExistingDatabases existing) {
        TargetTuning tuning = new TargetTuning(target, Journals.tuning(journal.folder()), Clock.systemUTC());
        BorrowedRoles borrowed = new BorrowedRoles(source, target, journal);
        Optional<PgconvoyException> stopped = Optional.empty();
        Optional<PgconvoyException> unclosed;
        Optional<PgconvoyException> unreverted;
        try {
            cancellation.check();
            if (!ground.target().status().superuser()) {
                payBack(borrowed, source, target);
                borrowed.borrow();
            }
            targetDatabases.dropTemporary();
            ScratchDatabases.dropLeftovers(target)
                    .forEach(name -> notes.info("dropped " + name + ", left by a rehearsal that died"));
            if (config.tuneTarget() && isWorkLeft(journal, discovery)) {
                tune(tuning, target, existing.others(), ground.parallelism().concurrentBuilders());
            }
            try (var breaker = new SessionBreaker(cancellation, List.of(source, target))) {
                load(ground, source, target, closed, journal, discovery, targetDatabases, borrowed);
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
            unclosed = close(closed);
            unreverted = revert(tuning);
            payBack(borrowed, source, target);
        }
        return Stream.of(unreverted, unclosed, stopped)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private void load(
            Ground ground,
            Server source,
            Server target,
            ClosedDatabases closed,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases,
            BorrowedRoles borrowed) {
        cancellation.check();
        if (config.migrateGlobals()) {
            carryOver(new GlobalsMigration(source, target, config.tablespaces()).apply());
        }
        if (!ground.target().status().superuser()) {
            // By now all roles are there.
            borrowed.borrow();
            borrowed.warnings().forEach(notes::warning);
        }
        moveDatabases(ground, source, target, closed, journal, discovery, targetDatabases);
        cancellation.check();
        if (config.migrateGlobals()) {
            // Last, since these settings reach our own sessions, too.
            for (DatabaseProperties database : discovery.bare()) {
                if (targetDatabases.oid(database.name()).isPresent()) {
                    carryOver(
                            new DatabaseSetup(source, target, config.tablespaces()).finish(database, database.name()));
                }
            }
            carryOver(new DatabaseSetup(source, target, config.tablespaces()).applySettingsOfEverybody());
            compareServers(source, target, ground.target().status().superuser());
        }
    }

    private void moveDatabases(
            Ground ground,
            Server source,
            Server target,
            ClosedDatabases closed,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases) {
        try (ServerPools sourcePools = new ServerPools(source);
                ServerPools targetPools = new ServerPools(target);
                ProgressPoller poller = new ProgressPoller()) {
            Workshop shop = Workshop.furnish(
                    config,
                    ground,
                    sourcePools,
                    targetPools,
                    closed,
                    journal,
                    targetDatabases,
                    poller,
                    events,
                    cancellation);
            notes.begin(discovery, journal, config.analyze());
            results = new Crew(shop).run(discovery.databases());
            tellChanges(shop);
        }
    }

    /** Looks whether what is outside of the databases arrived. */
    private void compareServers(Server source, Server target, boolean superuser) {
        Set<DatabaseName> moved = results.stream()
                .filter(result -> isUp(result.outcome()))
                .map(result -> result.database().name())
                .collect(Collectors.toSet());
        boolean withoutTablespaces = config.tablespaces().leaveOut();
        for (Difference difference :
                ServerContents.compare(source, target, moved::contains).differences()) {
            // Nothing is dropped that somebody else has made.
            if (difference.what().equals(Difference.TARGET_ONLY)
                    || (withoutTablespaces && ContentsVerdict.isTablespace(difference))) {
                continue;
            }
            // What the target's user had no right to set is named already.
            if (superuser) {
                notes.error("not as on the source: " + difference.sentence());
                differs = true;
            } else {
                notes.warning("not as on the source: " + difference.sentence());
            }
        }
    }

    private static boolean isUp(Outcome outcome) {
        return switch (outcome) {
            case COMPLETE, WARNINGS, DIFFERS, EARLIER -> true;
            case FAILED, NOT_REACHED -> false;
        };
    }

    /** What was written to the source meanwhile is on it alone. */
    private void tellChanges(Workshop shop) {
        for (DatabaseResult result : results) {
            DatabaseName name = result.database().name();
            Optional<SnapshotActivity> then =
                    SnapshotActivity.read(shop.journal().database(name));
            // Nobody writes to a database that refuses connections.
            if (then.isEmpty() || !isUp(result.outcome()) || !result.database().allowsConnections()) {
                continue;
            }
            try (Connection connection = shop.source().open(name)) {
                then.get()
                        .since(connection)
                        .ifPresent(changes -> notes.warning("database \"" + name + "\" " + changes));
            } catch (SQLException | PgconvoyException failure) {
                notes.warning("database \"" + name + "\": whether it was written to on the source after its snapshot is"
                        + " not known: " + failure.getMessage());
            }
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

    private void giveBack(BorrowedRoles borrowed, Server source, Server target) {
        GlobalsResult result = borrowed.giveBack();
        result.warnings().forEach(notes::warning);
        if (config.migrateGlobals()) {
            // What is refused has been said when all memberships were granted.
            new GlobalsMigration(source, target, config.tablespaces())
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
        boolean failed = differs
                || !globals.failures().isEmpty()
                || all.stream()
                        .anyMatch(result -> result.outcome() == Outcome.FAILED || result.outcome() == Outcome.DIFFERS);
        return new Report(
                SummaryBuilder.build(startedAt, ground.source(), ground.target(), all, globals, notes), failed, end);
    }
}
