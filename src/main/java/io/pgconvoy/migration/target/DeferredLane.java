package io.pgconvoy.migration.target;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import io.pgconvoy.journal.DeferralMarkers.IndexesDropped;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.journal.DeferralMarkers.PartsLoaded;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.ArchiveSums;
import io.pgconvoy.migration.run.CrashLoss;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.DumpDamage;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.run.Steps;
import io.pgconvoy.model.Phase;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.survey.UnloggedTables;
import io.pgconvoy.transfer.DeferredVerification;
import io.pgconvoy.transfer.DeferredVerification.Verdict;
import io.pgconvoy.transfer.IndexBuild;
import io.pgconvoy.transfer.LateRestore;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.transfer.PartDamage;
import io.pgconvoy.transfer.PartLoad;
import io.pgconvoy.transfer.RestorePlan;
import io.pgconvoy.tuning.TargetMemory;
import io.pgconvoy.verify.checksum.SomeRows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deferred tables' way onto the target, while clients work in the database: each step is skipped where its marker
 * says that it is complete. What fails in one table does not stop the others, and is done again by the next run.
 */
public final class DeferredLane {
    private static final Logger log = LoggerFactory.getLogger(DeferredLane.class);

    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseName name;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;
    private final Steps steps;
    private final Deferred deferred;
    private final PartsDumped dumped;
    private final LoadEvidence evidence;
    private final List<String> warnings = new ArrayList<>();
    private final List<PgconvoyException> failures = new ArrayList<>();
    private ArchiveToc toc;

    public DeferredLane(Run run, DatabaseProperties database, DatabaseJournal journal, DatabaseProgress progress) {
        this.run = run;
        this.database = database;
        this.name = database.name();
        this.journal = journal;
        this.progress = progress;
        this.steps = Steps.of(run, journal, progress);
        this.deferred = journal.read(Step.DEFERRED).orElseThrow();
        this.dumped = journal.read(Step.PARTS_DUMPED).orElseThrow();
        this.evidence = new LoadEvidence(run.target(), run.journal().id());
    }

    /**
     * Loads, builds, validates, refreshes and verifies.
     *
     * @return what was compared; all warnings are in it
     * @throws PgconvoyException where anything failed, after all that could be done is done
     */
    public Markers.Verified run() {
        Optional<Markers.Verified> complete = journal.read(Step.DEFERRED_VERIFIED);
        if (complete.isEmpty()) {
            CrashLoss crash = new CrashLoss(run, database, journal);
            List<String> lost = crash.lost();
            if (!lost.isEmpty()) {
                throw crash.failure(lost);
            }
            UnloggedTables unlogged = new UnloggedTables(run.target());
            String life = unlogged.life();
            Set<Long> loaded = progress.retry().run("load of deferred tables", this::load);
            buildIndexes(loaded);
            if (journal.read(Step.PARTS_LOADED).isEmpty()) {
                refuseFailures();
            }
            validateForeignKeys();
            analyze();
            refreshMaterializedViews();
            complete = Optional.of(verify());
            unlogged.remember(journal, life);
        }
        // It is the verification's proof, and nobody's after it.
        progress.retry().again("dropping the evidence of loaded parts", () -> evidence.drop(name));
        return complete.get();
    }

    /** @return the OIDs of the tables that are loaded as a whole */
    private Set<Long> load() {
        // A crash of the server empties unlogged tables, long after they were loaded; without evidence nobody can tell.
        if (journal.read(Step.PARTS_LOADED).isPresent()
                && (!evidence.exists(name) || PartLoad.isComplete(evidence, name, dumped))) {
            Set<Long> all = new HashSet<>();
            deferred.tables().forEach(table -> all.add(table.oid()));
            return all;
        }
        requireEvidence();
        Set<Long> completeTables = new HashSet<>();
        steps.again(Step.PARTS_LOADED, Phase.LOAD_PARTS, phase -> {
            progress.retry().again("dropping indexes", this::dropIndexes);
            progress.retry().again("triggers", () -> run.triggerDisabling().disable(name, deferred));
            PartLoad.Loaded loaded;
            try {
                long rows =
                        dumped.rows().stream().mapToLong(table -> table.rows()).sum();
                loaded = partLoad()
                        .load(
                                name,
                                deferred,
                                dumped,
                                run.archives().parts(name),
                                run.parallelism().restoreJobs(),
                                phase.progress(Optional.of(rows), "rows"));
            } finally {
                if (!run.cancellation().isCancelled()) {
                    warnings.addAll(progress.retry()
                            .run("triggers", () -> run.triggerDisabling().restore(name, deferred)));
                }
            }
            failures.addAll(loaded.failures());
            completeTables.addAll(loaded.completeTables());
            return loaded.failures().isEmpty()
                    ? Optional.of(new PartsLoaded(name.value(), phase.span(), loaded.rows()))
                    : Optional.empty();
        });
        return completeTables;
    }

    /** It is there since the database was opened: without it the parts might be loaded twice. */
    private void requireEvidence() {
        if (!evidence.exists(name)) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    run.target().label() + ", database \"" + name
                            + "\": nobody knows which parts of its deferred tables are loaded, since the schema pgconvoy_"
                            + run.journal().id() + " is not there",
                    "Put the marker '" + Step.PARTS_LOADED.name()
                            + "' back into the journal if it was deleted, or, to move"
                            + " the database anew, run with --redo '" + name + "'.");
        }
    }

    private PartLoad partLoad() {
        return new PartLoad(
                run.targetPools(),
                evidence,
                (table, part) -> run.partDump()
                        .dumpAgain(
                                name,
                                deferred.encoding(),
                                table,
                                part,
                                run.archives().parts(name)),
                run.cancellation(),
                progress.retry());
    }

    /** What is to be dropped is on disk before the first is. */
    private void dropIndexes() {
        if (journal.read(Step.INDEXES_DROPPED).isPresent()) {
            return;
        }
        Set<DroppedIndex> indexes = new LinkedHashSet<>(
                journal.read(Step.INDEXES_TO_DROP).map(IndexesDropped::indexes).orElse(List.of()));
        List<DroppedIndex> present = run.indexDrop().find(name, deferred);
        indexes.addAll(present);
        IndexesDropped marker = new IndexesDropped(name.value(), List.copyOf(indexes));
        journal.write(Step.INDEXES_TO_DROP, marker);
        warnings.addAll(run.indexDrop().drop(name, present));
        steps.mark(Step.INDEXES_DROPPED, () -> marker);
    }

    /** Those of tables that miss some of their parts would only slow the next run's load. */
    private void buildIndexes(Set<Long> loaded) {
        steps.attempt(Step.INDEXES_BUILT, Phase.BUILD_INDEXES, phase -> {
            List<DroppedIndex> dropped = journal.read(Step.INDEXES_DROPPED)
                    .map(IndexesDropped::indexes)
                    .orElse(List.of());
            RestorePlan plan = failures.isEmpty() ? plan() : plan().withIndexesOf(loaded);
            IndexBuild.Result result = indexBuild()
                    .build(
                            lateRestore(),
                            plan,
                            failures.isEmpty() ? dropped : List.of(),
                            phase.progress(Optional.of((long) plan.indexes().size()), "indexes"));
            result.failures().forEach(this::fail);
            return doneIf(failures.isEmpty(), phase);
        });
    }

    private IndexBuild indexBuild() {
        return new IndexBuild(
                run.target(),
                run.buildPermits(),
                TargetMemory.ask(run.target()).size(),
                run.config().deferral().concurrentIndexBuilds(),
                run.cancellation(),
                progress.retry());
    }

    private void validateForeignKeys() {
        steps.attempt(Step.FOREIGN_KEYS_VALIDATED, Phase.VALIDATE_FOREIGN_KEYS, phase -> {
            int before = failures.size();
            RestorePlan plan = plan();
            progress.retry()
                    .run("constraints", () -> lateRestore().constraints(plan))
                    .forEach(this::fail);
            run.foreignKeys()
                    .with(progress.retry())
                    .validate(
                            name, plan.foreignKeysNotValid(), run.parallelism().restoreJobs())
                    .forEach(this::fail);
            progress.retry()
                    .run("foreign keys", () -> lateRestore().foreignKeys(plan))
                    .forEach(this::fail);
            return doneIf(failures.size() == before, phase);
        });
    }

    /** Before the materialized views, whose queries are planned by these statistics. */
    private void analyze() {
        if (!run.config().analyze() || journal.read(Step.MATVIEWS_REFRESHED).isPresent()) {
            return;
        }
        run.cancellation().check();
        try (var phase = progress.begin(Phase.ANALYZE_DEFERRED)) {
            warnings.addAll(run.analyzer()
                    .analyze(name, deferred.tables(), progress.retry(), phase.progress(Optional.empty(), "tables")));
        }
    }

    private void refreshMaterializedViews() {
        steps.attempt(Step.MATVIEWS_REFRESHED, Phase.REFRESH_MATVIEWS, phase -> {
            RestorePlan plan = plan();
            List<String> errors = progress.retry()
                    .run("materialized views", () -> lateRestore().restore(plan.materializedViewData()));
            errors.forEach(this::fail);
            return doneIf(errors.isEmpty(), phase);
        });
    }

    private Markers.Verified verify() {
        return steps.run(Step.DEFERRED_VERIFIED, Phase.VERIFY_DEFERRED, phase -> {
            DeferredVerification verification = new DeferredVerification(
                    run.targetPools(),
                    evidence,
                    (session, table, condition) -> SomeRows.read(session, table.schema(), table.name(), condition),
                    run.parallelism().verifyConcurrency(),
                    run.cancellation());
            Verdict verdict = progress.retry()
                    .run(
                            "verification of deferred tables",
                            () -> verification.verify(
                                    name,
                                    deferred,
                                    dumped,
                                    phase.progress(
                                            Optional.of((long) deferred.tables().size()), "tables")));
            verdict.notes().forEach(note -> log.info("database {}: {}", name, note));
            verdict.differences().forEach(this::fail);
            warnings.addAll(verdict.warnings());
            refuseFailures();
            return new Markers.Verified(
                    name.value(), phase.span(), verdict.tables(), Optional.of(verdict.rows()), warnings);
        });
    }

    private Optional<Markers.Done> doneIf(boolean complete, DatabaseProgress.Running phase) {
        return complete ? Optional.of(steps.done(phase, List.of())) : Optional.empty();
    }

    private void fail(String what) {
        failures.add(new PgconvoyException(
                ErrorKind.TARGET,
                run.target().label() + ", database \"" + name + "\": " + what,
                "Repair the cause, then run the same command again: what is complete is not done twice."));
    }

    /** One failure in full, and all of them in the log. */
    private void refuseFailures() {
        if (failures.isEmpty()) {
            return;
        }
        failures.forEach(failure -> log.error("{} -- {}", failure.getMessage(), failure.hint()));
        PgconvoyException first = failures.get(0);
        if (failures.stream().allMatch(PartDamage::isCauseOf)) {
            throw DumpDamage.ofParts(first);
        }
        String more = failures.size() == 1 ? "" : " (and " + (failures.size() - 1) + " more, which the log names)";
        throw new PgconvoyException(first.kind(), first.getMessage() + more, first.hint(), first);
    }

    private RestorePlan plan() {
        return RestorePlan.of(toc(), deferred, run.target().version());
    }

    private LateRestore lateRestore() {
        return new LateRestore(
                run.target(), run.pgRestore(), name, run.archives().archive(name), toc(), run.cancellation());
    }

    /** Read once, and only where a step needs it: the archive may be gone after the last one. */
    private ArchiveToc toc() {
        if (toc == null) {
            ArchiveSums.refuseDamage(run, name, journal.read(Step.DUMPED).orElseThrow());
            toc = run.pgRestore().toc(run.archives().archive(name), run.cancellation());
        }
        return toc;
    }
}
