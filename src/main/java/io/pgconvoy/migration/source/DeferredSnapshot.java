package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTables;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.plan.DeferralChoice;
import io.pgconvoy.plan.TableParts;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.transfer.DeferredObjectReader;
import io.pgconvoy.transfer.DeferredTableReader;
import io.pgconvoy.transfer.PlannedTable;
import java.util.List;
import java.util.function.Function;

/** Takes the snapshot of a database with its tables locked, so that they stay as the snapshot knows them. */
final class DeferredSnapshot {
    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseName name;

    DeferredSnapshot(Run run, DatabaseProperties database) {
        this.run = run;
        this.database = database;
        this.name = database.name();
    }

    /** What the snapshot holds of the tables that are to be deferred. */
    record Found(SnapshotHolder holder, Deferred deferred, List<PlannedTable> tables) {}

    /** Locks all tables, and chooses among those of the snapshot; the caller closes the holder. */
    Found take() {
        SnapshotHolder holder = SnapshotHolder.openLocked(run.source(), name);
        return found(holder, session -> {
            List<DeferrableTable> chosen = run.config().deferral().isAskedOf(name) ? choose(session) : List.of();
            return read(
                    session,
                    chosen.stream().map(DeferrableTable::oid).sorted().toList(),
                    total(chosen.stream().map(DeferrableTable::bytes).toList()),
                    holder);
        });
    }

    /** Has but the deferred tables remain locked, for as long as their parts are dumped. */
    static SnapshotHolder narrowed(SnapshotHolder holder, Deferred deferred) {
        return holder.narrowed(deferred.tables().stream()
                .map(table -> Sql.qualified(table.schema(), table.name()))
                .toList());
    }

    /** Which of the tables that were deferred before are no longer there under their names. */
    List<String> missing(Deferred before) {
        String sql = """
                SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        try (Session session = run.source().session(name, "looking for the deferred tables")) {
            return before.tables().stream()
                    .filter(table -> session.list(sql, row -> row.getLong(1), table.schema(), table.name()).stream()
                            .noneMatch(oid -> oid == table.oid()))
                    .map(DeferredTable::label)
                    .toList();
        }
    }

    /** Takes the very tables that were deferred before. */
    Found takeAgain(Deferred before) {
        SnapshotHolder holder = SnapshotHolder.openLocked(run.source(), name);
        return found(
                holder,
                session -> read(
                        session,
                        before.tables().stream().map(DeferredTable::oid).toList(),
                        total(before.tables().stream().map(DeferredTable::bytes).toList()),
                        holder));
    }

    private static ByteSize total(List<Long> bytes) {
        return new ByteSize(bytes.stream().mapToLong(Long::longValue).sum());
    }

    private List<DeferrableTable> choose(Session session) {
        return DeferralChoice.of(run.config().deferral(), name, DeferrableTables.list(session))
                .tables();
    }

    private Found found(SnapshotHolder holder, Function<Session, Found> reading) {
        try {
            return holder.within("reading what belongs to the deferred tables", reading);
        } catch (RuntimeException failure) {
            holder.close();
            throw failure;
        }
    }

    private Found read(Session session, List<Long> oids, ByteSize total, SnapshotHolder holder) {
        int workers = Math.max(run.parallelism().dumpJobs(), run.parallelism().restoreJobs());
        ByteSize partSize = TableParts.size(run.config().deferral().partSize(), total, workers);
        List<PlannedTable> tables = DeferredTableReader.read(session, oids, partSize);
        Deferred deferred = DeferredObjectReader.read(
                session,
                database.encoding(),
                tables.stream().map(PlannedTable::table).toList());
        return new Found(holder, deferred, tables);
    }
}
