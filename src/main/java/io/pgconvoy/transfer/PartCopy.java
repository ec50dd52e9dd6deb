package io.pgconvoy.transfer;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Reads parts of tables of the source, over one session of its own: one that is broken off in a COPY is
 * of no further use, and no pool should get it back. For one thread.
 */
final class PartCopy implements AutoCloseable {
    private final String encoding;
    private final Session session;

    /**
     * Connects.
     *
     * @param encoding the database's own, so that the server converts nothing
     */
    PartCopy(Server source, DatabaseName database, String encoding) {
        this.encoding = encoding;
        this.session = source.session(database, "locking the deferred tables");
    }

    /** Begins to read what is there now. */
    void begin() {
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        prepare(session);
    }

    /**
     * Begins to read in a snapshot. All tables are locked now: later, somebody might wait for one of them, and we would wait
     * behind that.
     *
     * @return those of the tables, by OID, that can be read here; for each other one somebody waits already
     */
    Set<Long> begin(String snapshot, List<DeferredTable> tables) {
        session.execute("BEGIN");
        session.adopt(snapshot);
        prepare(session);
        if (lock(tables)) {
            return oids(tables);
        }
        return oids(tables.stream().filter(table -> lock(List.of(table))).toList());
    }

    private static Set<Long> oids(List<DeferredTable> tables) {
        return tables.stream().map(DeferredTable::oid).collect(Collectors.toSet());
    }

    /** Whether that was possible; where it was not, none of the tables is locked. */
    private boolean lock(List<DeferredTable> tables) {
        try {
            session.kept(open -> {
                SnapshotHolder.lockAtOnce(
                        open,
                        tables.stream()
                                .map(table -> Sql.qualified(table.schema(), table.name()))
                                .toList());
                return tables;
            });
            return true;
        } catch (SqlFailure failure) {
            if (!SqlState.isLockNotAvailable(failure)) {
                throw failure;
            }
            return false;
        }
    }

    private static void prepare(Session session) {
        if (session.version().isAtLeast(ServerVersion.V9_6)) {
            // Rows in their order on disk, so that the same part copied again is the same file.
            session.execute("SET LOCAL max_parallel_workers_per_gather = 0");
        }
    }

    /**
     * Reads one part. After a failure the session is of no further use.
     *
     * @param taker is given each row
     * @return how many there were
     */
    long read(TablePart part, Consumer<byte[]> taker) {
        // What is locked beside the table, its indexes, is let go after each part.
        return session.doing(doing(part)).undone(open -> read(open, part, taker));
    }

    /** The same in the session of the snapshot's holder, which has locked the table before anybody came to wait for it. */
    long read(SnapshotHolder holder, TablePart part, Consumer<byte[]> taker) {
        return holder.within(doing(part), held -> {
            prepare(held);
            return read(held, part, taker);
        });
    }

    private static String doing(TablePart part) {
        return "reading " + part.label();
    }

    private long read(Session from, TablePart part, Consumer<byte[]> taker) {
        CopyCommand command = new CopyCommand(part.table(), encoding);
        // Once rows came, a failure leaves the session broken off, so that they cannot come a second time.
        return UserRows.planned(
                from,
                () -> from.copyOut(command.out(part.range()), taker),
                () -> from.copyOut(
                        command.out(part.range().map(which -> which + " AND " + UserRows.inOurPath())), taker));
    }

    @Override
    public void close() {
        session.close();
    }
}
