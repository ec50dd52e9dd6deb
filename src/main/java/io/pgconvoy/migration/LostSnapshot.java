package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.Opened;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.transfer.LoadEvidence;
import io.pgconvoy.verify.TableChanges;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A run that ends while the deferred tables are being dumped takes their snapshot along, though the database may be open
 * for clients already, whose writes must not be lost. So where the source's other tables are still as that snapshot saw
 * them, a new snapshot is as good as the old one, and only the deferred tables are dumped again. Else the database is
 * moved anew, if no client has written to it yet. Else it is the administrator's decision.
 */
final class LostSnapshot {
    private final Workshop shop;
    private final DatabaseProperties database;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;

    LostSnapshot(Workshop shop, DatabaseProperties database, DatabaseJournal journal, DatabaseProgress progress) {
        this.shop = shop;
        this.database = database;
        this.journal = journal;
        this.progress = progress;
    }

    /**
     * Finds out whether to go on.
     *
     * @return what is left to dump, in a new snapshot; empty where the whole database is to be moved anew
     * @throws PgconvoyException where that would lose what clients have written
     */
    Optional<DumpLane.Dump> recover() {
        Optional<Opened> opened = journal.read(Step.OPENED);
        Optional<Markers.Dumped> dumped = journal.read(Step.DUMPED);
        Optional<Deferred> deferred = journal.read(Step.DEFERRED);
        if (opened.isEmpty()
                || dumped.isEmpty()
                || deferred.isEmpty()
                || !shop.targetDatabases().isRestored(database.name(), journal)) {
            return Optional.empty();
        }
        List<String> changes = new ArrayList<>();
        Optional<DumpLane.Dump> again = dumpAgain(dumped.get(), deferred.get(), changes);
        if (again.isPresent()) {
            return again;
        }
        List<String> written = written(opened.get(), dumped.get(), deferred.get());
        if (written.isEmpty()) {
            return Optional.empty();
        }
        throw new PgconvoyException(
                ErrorKind.TARGET,
                shop.target().label() + ", database \"" + database.name()
                        + "\": clients have written to it since it was"
                        + " opened at " + opened.get().at() + " (" + written.get(0)
                        + "), the dump of its deferred tables was broken off, and a new one would not match: "
                        + changes.get(0),
                "To keep what clients wrote, stop the writers on the source and copy the deferred tables by hand. To move"
                        + " the database anew without it, drop the database on the target. Then run the same command"
                        + " again.");
    }

    /** @param changes receives why it cannot be */
    private Optional<DumpLane.Dump> dumpAgain(Markers.Dumped dumped, Deferred deferred, List<String> changes) {
        if (dumped.databaseOid() != database.oid()) {
            changes.add("the database was made anew on the source");
        } else if (!shop.archives().exists(database.name())) {
            changes.add("its archive is gone from " + dumped.archive());
        } else if (dumped.estimated() || dumped.transactions().isEmpty()) {
            changes.add("with --fast-verify nobody knows whether the source has changed");
        }
        if (!new LoadEvidence(shop.target(), shop.journal().id(), shop.cancellation())
                .read(database.name())
                .isEmpty()) {
            changes.add("parts of the earlier dump are loaded already");
        }
        if (!changes.isEmpty()) {
            return Optional.empty();
        }
        DeferredSnapshot.Found found = new DeferredSnapshot(shop, database.name()).takeAgain(deferred);
        boolean handedOver = false;
        try {
            changes.addAll(new TableChanges(shop.source(), database.name(), shop.cancellation())
                    .since(found.holder().connection(), dumped.transactions().orElseThrow(), dumped.tables()));
            if (!columns(found.deferred()).equals(columns(deferred))) {
                changes.add("a deferred table's columns have changed");
            }
            if (!changes.isEmpty()) {
                return Optional.empty();
            }
            handedOver = true;
            return Optional.of(new DumpLane.Dump(
                    dumped,
                    Optional.of(new PartsLane(shop, journal, progress, found.holder(), deferred, found.tables()))));
        } finally {
            if (!handedOver) {
                found.holder().close();
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
    private List<String> written(Opened opened, Markers.Dumped dumped, Deferred deferred) {
        DatabaseName name = database.name();
        List<TableRows> expected = new ArrayList<>();
        for (TableRows table : dumped.tables()) {
            Optional<Long> rows = dumped.estimated() ? Optional.empty() : table.rows();
            expected.add(new TableRows(table.schema(), table.table(), table.condition(), rows));
        }
        for (DeferredTable table : deferred.tables()) {
            expected.add(new TableRows(table.schema(), table.name(), Optional.empty(), Optional.of(0L)));
        }
        try (Connection connection = shop.target().open(name)) {
            List<String> written = new ArrayList<>(new TableChanges(shop.target(), name, shop.cancellation())
                    .since(connection, opened.transactions(), expected));
            if (dumped.estimated()) {
                written.addAll(deletions(connection));
            }
            return written;
        } catch (SQLException failure) {
            throw shop.target().failure(name, "looking for what clients have written", failure);
        }
    }

    /** Where nothing was counted, the server's statistics tell of deleted rows; a restore deletes none. */
    private static List<String> deletions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sum(n_tup_del) FROM pg_stat_user_tables")) {
            row.next();
            long deleted = row.getLong(1);
            return deleted == 0 ? List.of() : List.of(deleted + " rows were deleted");
        }
    }
}
