package io.pgconvoy.migration.source;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredRows;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.run.Steps;
import io.pgconvoy.model.Phase;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.PlannedTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * The dump of one database's deferred tables, in the snapshot of its regular dump; it goes on while the regular tables are
 * restored already. Closing it gives the snapshot up.
 */
public final class PartsLane implements AutoCloseable {
    private final Run run;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;
    private final SnapshotHolder holder;
    private final Deferred deferred;
    private final List<PlannedTable> tables;
    private final CountDownLatch fullSpeed = new CountDownLatch(1);

    /**
     * @param holder opened with the tables locked; closed here
     * @param tables the deferred tables, cut into parts
     */
    PartsLane(
            Run run,
            DatabaseJournal journal,
            DatabaseProgress progress,
            SnapshotHolder holder,
            Deferred deferred,
            List<PlannedTable> tables) {
        this.run = run;
        this.journal = journal;
        this.progress = progress;
        this.holder = holder;
        this.deferred = deferred;
        this.tables = tables;
        int busy = run.parallelism().dumpJobs() + run.parallelism().restoreJobs();
        if (Runtime.getRuntime().availableProcessors() >= busy) {
            speedUp();
        }
    }

    /**
     * Has as many parts dumped at once as there are jobs. Before, where this machine has too few processors for both, one
     * at a time leaves room for the restore that clients wait for.
     */
    public void speedUp() {
        fullSpeed.countDown();
    }

    /** Dumps the parts and counts their tables; on return the marker is on disk. What a failure leaves is deleted. */
    public PartsDumped run() {
        DatabaseName name = journal.database();
        // Those that are deleted now.
        journal.delete(Step.PARTS_DUMPED);
        Path folder = run.archives().prepareParts(name);
        try {
            return Steps.of(run, journal, progress).run(Step.PARTS_DUMPED, Phase.DUMP_PARTS, phase -> {
                List<DumpedPart> parts = holder.whileHeld(
                        "the dump of its deferred tables",
                        () -> run.partDump()
                                .with(progress.retry())
                                .dump(
                                        name,
                                        deferred.encoding(),
                                        holder,
                                        tables,
                                        folder,
                                        fullSpeed,
                                        phase.progress(Optional.empty(), "bytes")));
                List<DeferredRows> rows = progress.retry().run("count of deferred tables", () -> count(parts));
                holder.confirm();
                return new PartsDumped(name.value(), phase.span(), parts, rows);
            });
        } catch (RuntimeException failure) {
            try {
                run.archives().deleteParts(name);
            } catch (RuntimeException undeleted) {
                // The next run deletes them.
                failure.addSuppressed(undeleted);
            }
            throw SnapshotRecovery.lost(run, holder, failure);
        }
    }

    /** Counts by another way than the parts were read: a hole between two ranges must not go unnoticed. */
    private List<DeferredRows> count(List<DumpedPart> parts) {
        DatabaseName name = journal.database();
        Set<List<String>> names = new HashSet<>();
        deferred.tables().forEach(table -> names.add(List.of(table.schema(), table.name())));
        List<TableRows> counts = run.deferredSourceRows()
                .read(
                        name,
                        Optional.of(holder),
                        table -> names.contains(List.of(table.schema(), table.name())),
                        done -> {});
        List<DeferredRows> rows = new ArrayList<>();
        for (DeferredTable table : deferred.tables()) {
            Optional<TableRows> source = counts.stream()
                    .filter(one ->
                            one.schema().equals(table.schema()) && one.table().equals(table.name()))
                    .findFirst();
            long counted = source.flatMap(TableRows::rows).orElse(0L);
            long dumped = parts.stream()
                    .filter(part -> part.tableOid() == table.oid())
                    .mapToLong(DumpedPart::rows)
                    .sum();
            compare(run, name, table, counted, dumped);
            rows.add(new DeferredRows(table.oid(), counted, source.flatMap(TableRows::checksum)));
        }
        return rows;
    }

    /**
     * Makes sure that a table's parts are all of it.
     *
     * @param counted its rows
     * @param read those of its parts
     */
    static void compare(Run run, DatabaseName database, DeferredTable table, long counted, long read) {
        if (read != counted) {
            throw new PgconvoyException(
                    ErrorKind.SOURCE,
                    run.source().label() + ", database \"" + database + "\": table " + table.label() + " has " + counted
                            + " rows, and its parts have " + read,
                    "Is one of its indexes damaged? REINDEX the table on the source, then run the same command again.");
        }
    }

    @Override
    public void close() {
        holder.close();
    }
}
