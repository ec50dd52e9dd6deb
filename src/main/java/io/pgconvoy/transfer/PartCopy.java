package io.pgconvoy.transfer;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Copies parts of tables from the source into files, over one session of its own: one that is broken off in a COPY is
 * of no further use, and no pool should get it back. For one thread.
 */
final class PartCopy implements AutoCloseable {
    private static final long TOLD_AT_ONCE = 1024 * 1024;

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
        Set<Long> locked = new HashSet<>();
        for (DeferredTable table : tables) {
            try {
                session.kept(open -> {
                    SnapshotHolder.lockAtOnce(open, List.of(Sql.qualified(table.schema(), table.name())));
                    return locked.add(table.oid());
                });
            } catch (SqlFailure failure) {
                if (!SqlState.isLockNotAvailable(failure)) {
                    throw failure;
                }
            }
        }
        return locked;
    }

    private static void prepare(Session session) {
        if (session.version().isAtLeast(ServerVersion.V9_6)) {
            // Rows in their order on disk, so that the same part copied again is the same file.
            session.execute("SET LOCAL max_parallel_workers_per_gather = 0");
        }
    }

    /**
     * Copies one part. After a failure the session is of no further use.
     *
     * @param range which rows, as an SQL condition; empty for all
     * @param onBytes told now and then how many bytes more were copied
     */
    DumpedPart copy(DeferredTable table, int number, Optional<String> range, Path file, LongConsumer onBytes) {
        // What is locked beside the table, its indexes, is let go after each part.
        return session.doing(doing(table, number)).undone(open -> copy(open, table, number, range, file, onBytes));
    }

    /** The same in the session of the snapshot's holder, which has locked the table before anybody came to wait for it. */
    DumpedPart copy(
            SnapshotHolder holder,
            DeferredTable table,
            int number,
            Optional<String> range,
            Path file,
            LongConsumer onBytes) {
        return holder.within(doing(table, number), held -> {
            prepare(held);
            return copy(held, table, number, range, file, onBytes);
        });
    }

    private static String doing(DeferredTable table, int number) {
        return "dumping part " + number + " of table " + table.label();
    }

    private DumpedPart copy(
            Session from, DeferredTable table, int number, Optional<String> range, Path file, LongConsumer onBytes) {
        try (PartWriter writer = PartWriter.create(file)) {
            long[] untold = {0};
            Consumer<byte[]> taker = row -> {
                writer.write(row);
                untold[0] += row.length;
                if (untold[0] >= TOLD_AT_ONCE) {
                    onBytes.accept(untold[0]);
                    untold[0] = 0;
                }
            };
            // Once rows came, a failure leaves the session broken off, so that they cannot come a second time.
            long rows = UserRows.planned(
                    from,
                    () -> from.copyOut(sql(table, range, encoding), taker),
                    () -> from.copyOut(
                            sql(table, range.map(which -> which + " AND " + UserRows.inOurPath()), encoding), taker));
            onBytes.accept(untold[0]);
            return writer.finish(table.oid(), number, range, rows);
        }
    }

    static String sql(DeferredTable table, Optional<String> range, String encoding) {
        String name = Sql.qualified(table.schema(), table.name());
        String columns = Sql.identifiers(table.columns());
        String what;
        if (range.isPresent()) {
            what = "(SELECT " + columns + " FROM ONLY " + name + " WHERE " + range.get() + ")";
        } else {
            what = name + (table.columns().isEmpty() ? "" : " (" + columns + ")");
        }
        return "COPY " + what + " TO STDOUT (FORMAT " + (table.binary() ? "binary" : "text") + ", ENCODING "
                + Sql.literal(encoding) + ")";
    }

    @Override
    public void close() {
        session.close();
    }
}
