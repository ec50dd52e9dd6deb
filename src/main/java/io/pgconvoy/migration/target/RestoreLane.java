package io.pgconvoy.migration.target;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.globals.ObjectRights;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.ArchiveSums;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.run.Steps;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.postgres.tools.ToolFailure;
import io.pgconvoy.report.Event;
import io.pgconvoy.survey.UnloggedTables;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.verify.checksum.LargeObjectSum;
import io.pgconvoy.verify.rows.Comparison;
import io.pgconvoy.verify.rows.StaleViews;
import io.pgconvoy.verify.rows.TableChanges;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The target's side of one database: each step is skipped where its marker says that it is complete. */
public final class RestoreLane {
    private static final Logger log = LoggerFactory.getLogger(RestoreLane.class);

    /** So many names stand in a sentence that also has their number. */
    private static final int SOME = 5;

    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;
    private final Steps steps;
    private final Optional<? extends StreamedRows> stream;
    private final Runnable whenRead;

    /** Quoted names of tables that were analyzed as they were restored. */
    private Set<String> analyzed = Set.of();

    /**
     * @param stream the rows that are not in the archive
     * @param whenRead to be told when these are read, if there are any
     */
    public RestoreLane(
            Run run,
            DatabaseProperties database,
            DatabaseJournal journal,
            DatabaseProgress progress,
            Optional<? extends StreamedRows> stream,
            Runnable whenRead) {
        this.run = run;
        this.database = database;
        this.journal = journal;
        this.progress = progress;
        this.stream = stream;
        this.whenRead = whenRead;
        this.steps = Steps.of(run, journal, progress);
    }

    /**
     * Restores the dump, analyzes, verifies, applies the settings.
     *
     * @return what was compared; all warnings are in it
     */
    public Markers.Verified run(Markers.Dumped dumped) {
        if (!database.allowsConnections()) {
            // An earlier run may have come so far that it closed it.
            progress.retry().again("restore", () -> run.targetDatabases().reopen(database.name(), journal));
        }
        List<String> warnings = new ArrayList<>(progress.retry()
                .runWhile(() -> stream.isEmpty() || stream.get().isThere(), "restore", () -> restore(dumped)));
        stream.ifPresent(read -> whenRead.run());
        warnings.addAll(analyze());
        Markers.Dumped all =
                stream.isEmpty() ? dumped : journal.read(Step.DUMPED).orElseThrow();
        Markers.Verified verified = progress.retry().run("verification", () -> verify(all));
        warnings.addAll(verified.warnings());
        warnings.addAll(progress.retry().run("settings", this::settings));
        return new Markers.Verified(
                verified.database(), verified.verify(), verified.tables(), verified.rows(), warnings);
    }

    /** Lets clients in, where deferred tables follow. */
    public void open() {
        progress.retry().again("opening", this::openOnce);
    }

    private void openOnce() {
        Optional<Deferred> deferred = journal.read(Step.DEFERRED);
        if (deferred.isEmpty() || journal.read(Step.OPENED).isPresent()) {
            return;
        }
        DatabaseName name = database.name();
        // From here on, a database without it has been tampered with.
        new LoadEvidence(run.target(), run.journal().id()).create(name);
        steps.mark(Step.OPENED, () -> {
            try (Session session = run.target().session(name, "opening it for clients")) {
                return new Opened(name.value(), Instant.now(), TableChanges.now(session));
            }
        });
        List<String> tables =
                deferred.get().tables().stream().map(DeferredTable::label).toList();
        String follow = tables.size() == 1 ? "1 table follows: " : tables.size() + " tables follow: ";
        run.events()
                .publish(new Event.Message(
                        Event.Level.INFO,
                        "database \"" + name + "\" is open for clients; " + follow
                                + String.join(", ", tables.subList(0, Math.min(5, tables.size())))
                                + (tables.size() > 5 ? ", ..." : "")));
    }

    private List<String> restore(Markers.Dumped dumped) {
        DatabaseName name = database.name();
        // One that was dropped or replaced since is restored again rather than believed to be there.
        if (run.targetDatabases().isRestored(name, journal)) {
            return warnings(journal.read(Step.RESTORED).orElseThrow());
        }
        return warnings(steps.again(Step.RESTORED, Phase.RESTORE, phase -> Optional.of(restore(dumped, phase)))
                .orElseThrow());
    }

    private Markers.Restored restore(Markers.Dumped dumped, DatabaseProgress.Running phase) {
        DatabaseName name = database.name();
        Path archive = run.archives().archive(name);
        // Also what this run has dumped: it may have waited for hours, and pg_restore reads it from memory then.
        ArchiveSums.refuseDamage(run, name, dumped);
        // By then an earlier attempt may have left something there; before that it is empty.
        boolean filledBefore =
                journal.read(Step.CREATED).filter(Markers.Created::adopted).isPresent();
        GlobalsResult provided = run.targetDatabases().provide(database, journal, dumped.publicSchema());
        ArchiveToc toc = judged(() -> run.pgRestore().toc(archive, run.cancellation()));
        LongConsumer tables = phase.progress(Optional.of(toc.tableDataEntries()), "tables");
        AtomicLong done = new AtomicLong();
        // Where nothing of ours is, there is nothing to drop first but what somebody else makes meanwhile.
        PgRestore.Options options = new PgRestore.Options(run.restoreJobs(database), filledBefore);
        Runnable onTableDone = () -> tables.accept(done.incrementAndGet());
        Optional<Deferred> deferred = journal.read(Step.DEFERRED);
        SubscriptionDetacher subscriptions = new SubscriptionDetacher(run.target());
        if (filledBefore) {
            // A killed attempt's still name their slots, and to drop them would drop the source's slots.
            subscriptions.detach(name);
        }
        run.targetDatabases().requireOurs(name, journal);
        UnloggedTables unlogged = new UnloggedTables(run.target());
        String life = unlogged.life();
        List<RestoreError> errors = judged(() -> {
            if (deferred.isPresent()) {
                return new DeferredSchema(run, name, deferred.get()).restore(archive, toc, options, onTableDone);
            }
            if (stream.isPresent()) {
                StreamedSchema.Outcome outcome = new StreamedSchema(run, journal, stream.get(), life)
                        .restore(dumped, archive, toc, options, onTableDone);
                analyzed = outcome.analyzed();
                return outcome.errors();
            }
            return run.pgRestore().restore(name, archive, toc, options, onTableDone, run.cancellation());
        });
        unlogged.remember(journal, life);
        return judge(errors, provided, subscriptions.detach(name), phase.span(), toc.tableDataEntries());
    }

    /** Runs pg_restore, and looks whether it broke off over the archive. */
    private <T> T judged(Supplier<T> pgRestore) {
        try {
            return pgRestore.get();
        } catch (PgconvoyException brokenOff) {
            boolean overFiles = brokenOff.kind() == ErrorKind.TARGET || brokenOff.kind() == ErrorKind.JOURNAL;
            if (overFiles && PassingFailure.of(brokenOff).isEmpty()) {
                failed(List.of(brokenOff.getMessage()), false);
            }
            throw brokenOff;
        }
    }

    /**
     * Has the next run make another dump, where this one would fail again.
     *
     * @param messages why the restore failed
     * @return whether that is so
     */
    private boolean failed(List<String> messages, boolean allowable) {
        if (run.cancellation().isCancelled() || !RestoreTrouble.isOverDump(messages)) {
            return false;
        }
        journal.write(
                Step.DUMP_AGAIN,
                new Markers.DumpAgain(database.name().value(), Instant.now(), some(messages), allowable));
        return true;
    }

    private Markers.Restored judge(
            List<RestoreError> errors, GlobalsResult provided, List<String> subscriptions, Span span, long tables) {
        List<String> harmless = new ArrayList<>();
        List<RestoreError> serious = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (RestoreError error : errors) {
            Optional<String> reason = error.harmlessBecause();
            if (reason.isPresent()) {
                harmless.add(error + " (harmless: " + reason.get() + ")");
            } else if (RestoreErrorKind.isSerious(error, run.managed())) {
                serious.add(error);
            } else if (RestoreErrorKind.of(error) == RestoreErrorKind.EXTRA) {
                leftOut.add(RestoreErrorKind.describe(error));
            }
        }
        refuse(serious);
        List<String> warnings = new ArrayList<>(serious.stream()
                .map(error -> Markers.Restored.ALLOWED_ERROR + error)
                .toList());
        warnings.addAll(provided.warnings());
        warnings.addAll(provided.failures());
        warnings.addAll(subscriptions);
        warnings.addAll(leftOut);
        if (run.managed()) {
            // Also without an error: a GRANT by somebody who may not is no more than a warning.
            GlobalsResult repaired = new ObjectRights(run.source(), run.target()).repair(database.name());
            warnings.addAll(repaired.warnings());
            warnings.addAll(repaired.failures());
        }
        return new Markers.Restored(database.name().value(), span, tables, harmless, warnings);
    }

    private void refuse(List<RestoreError> serious) {
        serious.forEach(error -> log.error("database {}: {} -- {}", database.name(), error, error.command()));
        ToolFailure cause = ToolFailure.of(serious);
        // What a lost session has left out is no error that anybody has allowed.
        if (serious.isEmpty()
                || (run.config().allowRestoreErrors()
                        && PassingFailure.of(cause).isEmpty())) {
            return;
        }
        List<String> lines = serious.stream().map(RestoreError::toString).toList();
        throw new PgconvoyException(
                ErrorKind.TARGET,
                run.target().label() + ", database \"" + database.name() + "\": pg_restore reported " + lines.size()
                        + (lines.size() == 1 ? " error: " : lines.size() > SOME ? " errors, the first: " : " errors: ")
                        + some(lines),
                (run.managed() ? "What only a superuser may create, have created or leave out on the source. " : "")
                        + (failed(lines, true)
                                ? "Repair the source or the target and run the same command again, which dumps the database"
                                        + " anew; or accept them with --allow-restore-errors."
                                : "Repair the cause and run the same command again, which restores the same dump once"
                                        + " more; or accept them with --allow-restore-errors."),
                cause);
    }

    private static List<String> warnings(Markers.Restored restored) {
        List<String> warnings = new ArrayList<>(restored.allowed());
        restored.harmless().forEach(line -> log.info("database {}: {}", restored.database(), line));
        return warnings;
    }

    private List<String> analyze() {
        if (!run.config().analyze()) {
            return List.of();
        }
        return steps.warnings(
                Step.ANALYZED,
                Phase.ANALYZE,
                phase -> run.analyzer()
                        .analyze(
                                database.name(),
                                analyzed,
                                progress.retry(),
                                phase.progress(Optional.empty(), "tables")));
    }

    private Markers.Verified verify(Markers.Dumped dumped) {
        return steps.run(Step.VERIFIED, Phase.VERIFY, phase -> verify(dumped, phase));
    }

    private Markers.Verified verify(Markers.Dumped dumped, DatabaseProgress.Running phase) {
        Optional<Long> total = Optional.of((long) dumped.tables().size());
        // Deferred tables and what shows them are compared when their rows are there.
        Set<List<String>> names = new HashSet<>();
        dumped.tables().forEach(table -> names.add(List.of(table.schema(), table.table())));
        Comparison comparison = Comparison.of(
                dumped.tables(),
                run.targetRows()
                        .read(
                                database.name(),
                                Optional.empty(),
                                table -> names.contains(List.of(table.schema(), table.name())),
                                phase.progress(total, "tables")),
                dumped.verify());
        StaleViews.Verdict views = dumped.verify().estimates()
                ? new StaleViews.Verdict(comparison.differing(), List.of())
                : new StaleViews(run.target()).judge(database.name(), comparison.differing());
        AllowedLosses losses = AllowedLosses.of(run.config().allowRestoreErrors(), journal.read(Step.RESTORED));
        Map<Boolean, List<String>> explained = views.differing().stream()
                .collect(Collectors.partitioningBy(
                        losses::explain,
                        Collectors.mapping(Comparison.TableDifference::toString, Collectors.toList())));
        List<String> differences = new ArrayList<>(explained.get(false));
        differences.addAll(largeObjects(dumped));
        if (!differences.isEmpty() && !dumped.verify().estimates()) {
            throw differs(dumped, explained.get(false).size(), differences);
        }
        List<String> warnings = new ArrayList<>(differences);
        warnings.addAll(explained.get(true));
        warnings.addAll(views.warnings());
        if (!comparison.unknown().isEmpty()) {
            warnings.add((dumped.verify().estimates()
                            ? "no estimate for " + comparison.unknown().size() + " tables that were never analyzed: "
                            : comparison.unknown().size() + " tables could not be compared: ")
                    + some(comparison.unknown()));
        }
        return new Markers.Verified(
                database.name().value(), phase.span(), comparison.tables(), comparison.rows(), warnings);
    }

    private List<String> largeObjects(Markers.Dumped dumped) {
        if (dumped.largeObjects().isEmpty() || run.targetLargeObjects().isEmpty()) {
            return List.of();
        }
        Markers.LargeObjects expected = dumped.largeObjects().get();
        LargeObjectSum found = run.targetLargeObjects().get().read(database.name(), Optional.empty());
        if (expected.number() != found.number()) {
            return List.of("there are " + expected.number() + " large objects on the source and " + found.number()
                    + " on the target");
        }
        return expected.checksum().equals(found.checksum())
                ? List.of()
                : List.of("there are as many large objects, " + found.number() + ", but with other contents");
    }

    private PgconvoyException differs(Markers.Dumped dumped, int tables, List<String> differences) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                run.target().label() + ", database \"" + database.name() + "\": "
                        + (tables == 0 ? "" : tables + " of " + dumped.tables().size() + " tables differ: ")
                        + some(differences),
                "To see which rows, run 'pgconvoy verify --verify checksum' while nobody writes to either side. If somebody"
                        + " writes to the target, stop that. "
                        + (failed(differences, false)
                                ? "The same command dumps and restores the database anew."
                                : "Then run the same command again with --redo '" + database.name() + "'."));
    }

    /** The first few, for a sentence that also has their number. */
    private static String some(List<String> lines) {
        return String.join("; ", lines.subList(0, Math.min(SOME, lines.size())));
    }

    private List<String> settings() {
        return steps.warnings(Step.SETTINGS, Phase.SETTINGS, phase -> {
            // What refuses connections does that when nothing more is to be done in it.
            run.targetDatabases().requireOurs(database.name(), journal);
            GlobalsResult result = new DatabaseSetup(
                            run.source(), run.target(), run.config().tablespaces())
                    .finish(database.withConnections(true, database.connectionLimit()), database.name());
            List<String> warnings = new ArrayList<>(result.warnings());
            warnings.addAll(result.failures());
            return warnings;
        });
    }
}
