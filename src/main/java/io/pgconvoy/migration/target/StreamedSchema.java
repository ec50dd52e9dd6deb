package io.pgconvoy.migration.target;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.survey.UnloggedTables;
import io.pgconvoy.transfer.LateRestore;
import io.pgconvoy.transfer.RestorePlan;
import io.pgconvoy.transfer.early.EarlyBuilds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Restores a database whose rows are streamed: first what they go into, then the rows, then all that builds on them.
 *
 * @param life of the target server in which the restore began
 */
record StreamedSchema(Run run, DatabaseJournal journal, StreamedRows rows, String life) {
    /**
     * What came of it.
     *
     * @param analyzed quoted names of tables that need not be analyzed any more
     */
    record Outcome(List<RestoreError> errors, Set<String> analyzed) {}

    /**
     * Restores as {@link PgRestore#restore} does; on return the journal knows how many rows were streamed.
     *
     * @return the errors of both; after those that fail the restore, nothing more was restored
     */
    Outcome restore(
            Markers.Dumped dumped, Path archive, ArchiveToc toc, PgRestore.Options options, Runnable onTableDone) {
        DatabaseName name = journal.database();
        // Whether it comes after the rows.
        Map<Boolean, List<TocEntry>> entries = withoutRows(toc.entries()).stream()
                .collect(Collectors.partitioningBy(entry -> run.managed() && isAboutTables(entry)));
        PgRestore.Options before = options.sections("pre-data").only(entries.get(false));
        List<RestoreError> errors =
                new ArrayList<>(run.pgRestore().restore(name, archive, toc, before, onTableDone, run.cancellation()));
        if (isEnd(errors)) {
            return new Outcome(errors, Set.of());
        }
        EarlyBuilds builds =
                new EarlyBuilds(rows.indexes(), toc, run.config().analyze(), some -> restore(archive, toc, some));
        StreamedRows.Loaded loaded = rows.load(builds);
        // Who crashed and is back has lost its last commits, which were asynchronous.
        new UnloggedTables(run.target()).requireSame(name, life);
        errors.addAll(loaded.errors());
        errors.addAll(builds.errors());
        if (isEnd(errors)) {
            return new Outcome(errors, Set.of());
        }
        RestorePlan plan = RestorePlan.of(
                toc,
                Deferred.ofKeys(name.value(), rows.foreignKeys()),
                run.target().version());
        for (PgRestore.Options rest : rest(options, builds.without(withoutRows(plan.regular())), entries.get(true))) {
            errors.addAll(run.pgRestore().restore(name, archive, toc, rest, onTableDone, run.cancellation()));
        }
        errors.addAll(foreignKeys(plan, archive, toc, options.jobs()));
        journal.write(Step.DUMPED, dumped.plus(loaded.rows()));
        return new Outcome(errors, builds.analyzed());
    }

    private List<RestoreError> restore(Path archive, ArchiveToc toc, List<TocEntry> entries) {
        PgRestore.Options options = new PgRestore.Options(1, false).only(entries);
        return run.pgRestore().restore(journal.database(), archive, toc, options, () -> {}, run.cancellation());
    }

    private List<RestoreError> foreignKeys(RestorePlan plan, Path archive, ArchiveToc toc, int jobs) {
        List<String> failures =
                new ArrayList<>(run.foreignKeys().add(journal.database(), plan.foreignKeysNotValid(), jobs));
        failures.addAll(
                new LateRestore(run.target(), run.pgRestore(), journal.database(), archive, toc, run.cancellation())
                        .restore(plan.foreignKeyDependents()));
        return failures.stream()
                .map(failure -> new RestoreError("", failure, ""))
                .toList();
    }

    /** A pg_dump before 17 dumps the rows of a table nevertheless whose name it is not given rightly by the locale. */
    private List<TocEntry> withoutRows(List<TocEntry> entries) {
        Set<Long> streamed = rows.tables();
        return entries.stream()
                .filter(entry -> !entry.isTableData() || !streamed.contains(entry.objectOid()))
                .toList();
    }

    /**
     * What follows the rows. Privileges come after those of the archive, too, since an owner may have none to insert, and
     * before materialized views, which need some to be filled.
     */
    private static List<PgRestore.Options> rest(
            PgRestore.Options options, List<TocEntry> entries, List<TocEntry> rights) {
        return rights.isEmpty()
                ? List.of(options.sections("data", "post-data").only(entries))
                // In a list of their own they are of no section.
                : List.of(
                        options.sections("data").only(entries),
                        options.only(rights),
                        options.sections("post-data").only(entries));
    }

    /** Large objects' own come with these. */
    private static boolean isAboutTables(TocEntry entry) {
        return entry.isPrivilege() && !entry.label().startsWith("ACL - LARGE OBJECT");
    }

    private boolean isEnd(List<RestoreError> errors) {
        return !run.config().allowRestoreErrors()
                && errors.stream().anyMatch(error -> RestoreErrorKind.isSerious(error, run.managed()));
    }
}
