package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTables;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.plan.DeferralChoice;
import io.pgconvoy.plan.TableParts;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.transfer.DeferredObjectReader;
import io.pgconvoy.transfer.DeferredObjects;
import io.pgconvoy.transfer.DeferredTableReader;
import io.pgconvoy.transfer.PlannedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Takes the snapshot of a database with its deferred tables locked, so that they stay as the snapshot knows them. */
final class DeferredSnapshot {
    /** Tables are made and dropped now and then, but not all the time. */
    private static final int ATTEMPTS = 5;

    private final Workshop shop;
    private final DatabaseProperties database;
    private final DatabaseName name;

    DeferredSnapshot(Workshop shop, DatabaseProperties database) {
        this.shop = shop;
        this.database = database;
        this.name = database.name();
    }

    /** What the snapshot holds of the tables that are to be deferred. */
    record Found(SnapshotHolder holder, Deferred deferred, List<PlannedTable> tables) {}

    /** Locks what the options choose; the caller closes the holder. */
    Found take() {
        if (!shop.config().deferral().isAskedOf(name)) {
            return found(lock(List.of()), List.of(), new ByteSize(0));
        }
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            List<DeferrableTable> chosen;
            try (Connection connection = shop.source().open(name)) {
                chosen = choose(connection);
            } catch (SQLException failure) {
                throw shop.source().failure(name, "listing tables", failure);
            }
            SnapshotHolder holder = lock(chosen.stream()
                    .map(table -> Sql.qualified(table.schema(), table.name()))
                    .toList());
            boolean same = false;
            try {
                same = oids(choose(holder.connection())).equals(oids(chosen));
            } finally {
                if (!same) {
                    holder.close();
                }
            }
            if (same) {
                return found(
                        holder,
                        oids(chosen),
                        total(chosen.stream().map(DeferrableTable::bytes).toList()));
            }
        }
        throw new PgconvoyException(
                ErrorKind.SOURCE,
                shop.source().label() + ", database \"" + name + "\": which tables are to be deferred keeps changing",
                "Run the same command again when no tables are made, dropped or renamed.");
    }

    /** Which of the tables that were deferred before are no longer there under their names. */
    List<String> missing(Deferred before) {
        List<String> missing = new ArrayList<>();
        String sql = """
                SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        try (Connection connection = shop.source().open(name);
                PreparedStatement query = connection.prepareStatement(sql)) {
            for (DeferredTable table : before.tables()) {
                query.setString(1, table.schema());
                query.setString(2, table.name());
                try (ResultSet row = query.executeQuery()) {
                    if (!row.next() || row.getLong(1) != table.oid()) {
                        missing.add(table.label());
                    }
                }
            }
            return missing;
        } catch (SQLException failure) {
            throw shop.source().failure(name, "looking for the deferred tables", failure);
        }
    }

    /** Locks the very tables that were deferred before. */
    Found takeAgain(Deferred before) {
        SnapshotHolder holder = lock(before.tables().stream()
                .map(table -> Sql.qualified(table.schema(), table.name()))
                .toList());
        return found(
                holder,
                before.tables().stream().map(DeferredTable::oid).toList(),
                total(before.tables().stream().map(DeferredTable::bytes).toList()));
    }

    private static ByteSize total(List<Long> bytes) {
        return new ByteSize(bytes.stream().mapToLong(Long::longValue).sum());
    }

    private SnapshotHolder lock(List<String> tables) {
        return SnapshotHolder.open(shop.source(), name, tables, shop.cancellation());
    }

    private List<DeferrableTable> choose(Connection connection) {
        try {
            return DeferralChoice.of(
                            shop.config().deferral(),
                            name,
                            DeferrableTables.list(connection, shop.source().version()))
                    .tables();
        } catch (SQLException failure) {
            throw shop.source().failure(name, "listing tables", failure);
        }
    }

    private static List<Long> oids(List<DeferrableTable> tables) {
        return tables.stream().map(DeferrableTable::oid).sorted().toList();
    }

    private Found found(SnapshotHolder holder, List<Long> oids, ByteSize total) {
        try {
            int workers =
                    Math.max(shop.parallelism().dumpJobs(), shop.parallelism().restoreJobs());
            ByteSize partSize = TableParts.size(shop.config().deferral().partSize(), total, workers);
            Connection connection = holder.connection();
            List<PlannedTable> tables = oids.isEmpty()
                    ? List.of()
                    : DeferredTableReader.read(connection, shop.source().version(), oids, partSize);
            DeferredObjects objects = oids.isEmpty()
                    ? DeferredObjects.NONE
                    : DeferredObjectReader.read(connection, shop.source().version(), oids);
            Deferred deferred = new Deferred(
                    name.value(),
                    database.encoding(),
                    tables.stream().map(PlannedTable::table).toList(),
                    objects.indexes(),
                    objects.foreignKeys(),
                    objects.constraints(),
                    objects.materializedViews(),
                    objects.triggers());
            return new Found(holder, deferred, tables);
        } catch (SQLException failure) {
            holder.close();
            throw shop.source().failure(name, "reading what belongs to the deferred tables", failure);
        } catch (RuntimeException failure) {
            holder.close();
            throw failure;
        }
    }
}
