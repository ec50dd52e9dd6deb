package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.DumpDamage;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.transfer.SequenceCatchUp;
import io.pgconvoy.verify.rows.TableChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A run that ends while the deferred tables are being dumped takes their snapshot along, though the database may be open
 * for clients already, whose writes must not be lost. So where the source's other tables are still as that snapshot saw
 * them, a new snapshot is as good as the old one, and only the deferred tables are dumped again. Else the database is
 * moved anew, if no client has written to it yet. Else it is the administrator's decision.
 */
public record SnapshotRecovery(
        Run run, DatabaseProperties database, DatabaseJournal journal, DatabaseProgress progress) {
    /** Cause of a failure after which the deferred tables may be dumped in another snapshot. */
    private static final class Loss extends RuntimeException {
        Loss(PgconvoyException failure) {
            super(failure.getMessage(), failure);
        }
    }

    /** Whoever reads in a snapshot that is gone says something else; then what {@link #isCauseOf} knows. */
    static RuntimeException lost(Run run, SnapshotHolder holder, RuntimeException failure) {
        if (!run.cancellation().isCancelled()) {
            try {
                holder.confirm();
            } catch (PgconvoyException lost) {
                if (failure instanceof PgconvoyException told
                        && PassingFailure.of(told).isPresent()) {
                    return failure(told);
                }
                lost.addSuppressed(failure);
                return failure(lost);
            }
        }
        return failure;
    }

    private static PgconvoyException failure(PgconvoyException lost) {
        return new PgconvoyException(lost.kind(), lost.getMessage(), lost.hint(), new Loss(lost));
    }

    /** Whether a failure comes from a session that held the snapshot and is gone, for a reason that passes. */
    public static boolean isCauseOf(PgconvoyException failure) {
        return failure.getCause() instanceof Loss && PassingFailure.of(failure).isPresent();
    }

    /**
     * Finds out whether to go on.
     *
     * @param damage of the dump that is there, so that it is no use any more
     * @return what is left to dump, in a new snapshot; empty where the whole database is to be moved anew
     * @throws PgconvoyException where that would lose what clients have written
     */
    Optional<DumpLane.Dump> recover(Optional<DumpDamage> damage) {
        Optional<Opened> opened = journal.read(Step.OPENED);
        if (opened.isEmpty() || !run.targetDatabases().isRestored(database.name(), journal)) {
            return Optional.empty();
        }
        Optional<Markers.Dumped> dumped = journal.read(Step.DUMPED);
        if (journal.read(Step.COMPLETED).isPresent()
                && dumped.filter(marker -> marker.databaseOid() != database.oid())
                        .isPresent()) {
            // Another database of the same name: it is moved as if it came for the first time.
            return Optional.empty();
        }
        Optional<Deferred> deferred = journal.read(Step.DEFERRED);
        if (dumped.isEmpty() || deferred.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    run.target().label() + ", database \"" + database.name() + "\": it is open for clients since "
                            + opened.get().at() + ", and its marker '"
                            + (dumped.isEmpty() ? Step.DUMPED : Step.DEFERRED).name() + "' is gone from the journal",
                    "Put the marker back, or, to move the database anew without what clients have written, run"
                            + " with --redo '" + database.name() + "'.");
        }
        run.targetDatabases().reopen(database.name(), journal);
        List<String> changes = new ArrayList<>();
        Optional<DumpLane.Dump> again = dumpAgain(dumped.get(), deferred.get(), damage, changes);
        if (again.isPresent()) {
            return again;
        }
        List<String> written = run.targetDatabases()
                .giveUpUnless(journal, inside -> written(inside, opened.get(), dumped.get(), deferred.get()));
        if (written.isEmpty()) {
            return Optional.empty();
        }
        String lost = journal.read(Step.PARTS_DUMPED).isPresent()
                ? "its dump is needed again"
                : "the dump of its deferred tables was broken off";
        throw new PgconvoyException(
                ErrorKind.TARGET,
                run.target().label() + ", database \"" + database.name()
                        + "\": clients have written to it since it was"
                        + " opened at " + opened.get().at() + " (" + written.get(0)
                        + "), " + lost + ", and a new one would not match: " + changes.get(0),
                "To keep what clients wrote, stop the writers on the source and copy the deferred tables by hand. To move"
                        + " the database anew without it, drop the database on the target. Then run the same command"
                        + " again.");
    }

    /** @param changes receives why it cannot be */
    private Optional<DumpLane.Dump> dumpAgain(
            Markers.Dumped dumped, Deferred deferred, Optional<DumpDamage> damage, List<String> changes) {
        if (dumped.databaseOid() != database.oid()) {
            changes.add("the database was made anew on the source");
        } else if (!run.archives().exists(database.name())) {
            changes.add("its archive is gone from " + dumped.archive());
        } else if (damage.filter(found -> !found.isOfPartsOnly()).isPresent()) {
            changes.add("its archive is damaged: " + damage.get().what());
        } else if (!dumped.isCounted() || dumped.transactions().isEmpty()) {
            changes.add("with --verify " + dumped.verify().label() + " nobody knows whether the source has changed");
        }
        if (!new LoadEvidence(run.target(), run.journal().id())
                .read(database.name())
                .isEmpty()) {
            changes.add("parts of the earlier dump are loaded already"
                    + damage.map(found -> ", and others are damaged: " + found.what())
                            .orElse(""));
        }
        if (!changes.isEmpty()) {
            return Optional.empty();
        }
        DeferredSnapshot snapshot = new DeferredSnapshot(run, database);
        snapshot.missing(deferred)
                .forEach(table -> changes.add("deferred table " + table + " was dropped or renamed on the source"));
        if (!changes.isEmpty()) {
            return Optional.empty();
        }
        DeferredSnapshot.Found found = snapshot.takeAgain(deferred);
        SnapshotHolder holder = found.holder();
        boolean handedOver = false;
        try {
            changes.addAll(holder.within(
                    "comparing it with its dump",
                    session -> TableChanges.since(session, dumped.transactions().orElseThrow(), dumped.tables())));
            if (!columns(found.deferred()).equals(columns(deferred))) {
                changes.add("a deferred table's columns have changed");
            }
            if (!changes.isEmpty()) {
                return Optional.empty();
            }
            // The parts will hold keys that were drawn since, and clients must not draw them once more.
            holder.within("reading sequences", session -> {
                SequenceCatchUp.run(session, run.target(), database.name());
                return true;
            });
            holder = DeferredSnapshot.narrowed(holder, deferred);
            handedOver = true;
            return Optional.of(
                    new DumpLane.Dump(dumped, new PartsLane(run, journal, progress, holder, deferred, found.tables())));
        } finally {
            if (!handedOver) {
                holder.close();
            }
        }
    }

    /** What decides how a table's parts are written and read; its size does not. */
    private static List<DeferredTable> columns(Deferred deferred) {
        return deferred.tables().stream()
                .map(table -> new DeferredTable(
                        table.oid(), table.schema(), table.name(), 0, table.columns(), table.binary()))
                .toList();
    }

    /** What clients have written on the target. */
    private List<String> written(Session inside, Opened opened, Markers.Dumped dumped, Deferred deferred) {
        List<TableRows> expected = new ArrayList<>();
        for (TableRows table : dumped.tables()) {
            Optional<Long> rows = !dumped.isCounted() ? Optional.empty() : table.rows();
            expected.add(new TableRows(table.schema(), table.table(), table.condition(), rows));
        }
        for (DeferredTable table : deferred.tables()) {
            expected.add(new TableRows(table.schema(), table.name(), Optional.empty(), Optional.of(0L)));
        }
        List<String> written = new ArrayList<>(TableChanges.anySince(inside, opened.transactions(), expected));
        if (!dumped.isCounted()) {
            // Where nothing was counted, the server's statistics tell of deleted rows; a restore deletes none.
            long deleted = inside.doing("looking for what clients have written")
                    .number("SELECT sum(n_tup_del) FROM pg_stat_user_tables");
            if (deleted > 0) {
                written.add(deleted + " rows were deleted");
            }
        }
        return written;
    }
}
