package io.pgconvoy.transfer;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/**
 * Copies parts of tables from the source into files, over one connection of its own: one that is broken off in a COPY is
 * of no further use, and no pool should get it back. For one thread.
 */
final class PartCopy implements AutoCloseable {
    private static final long TOLD_AT_ONCE = 1024 * 1024;

    private final Server source;
    private final String encoding;
    private final Cancellation cancellation;
    private final Connection connection;

    /**
     * Connects.
     *
     * @param encoding the database's own, so that the server converts nothing
     */
    PartCopy(Server source, DatabaseName database, String encoding, Cancellation cancellation) {
        this.source = source;
        this.encoding = encoding;
        this.cancellation = cancellation;
        this.connection = source.open(database);
    }

    /** Begins to read what is there now. */
    void begin() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            prepare(statement);
        }
    }

    /**
     * Begins to read in a snapshot. All tables are locked now: later, somebody might wait for one of them, and we would wait
     * behind that.
     *
     * @return those of the tables, by OID, that can be read here; for each other one somebody waits already
     */
    Set<Long> begin(String snapshot, List<DeferredTable> tables) throws SQLException {
        Set<Long> locked = new HashSet<>();
        try (Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            statement.execute("BEGIN");
            SnapshotHolder.adopt(statement, snapshot);
            prepare(statement);
            for (DeferredTable table : tables) {
                statement.execute("SAVEPOINT lock");
                try {
                    SnapshotHolder.lockAtOnce(statement, List.of(Sql.qualified(table.schema(), table.name())));
                    statement.execute("RELEASE SAVEPOINT lock");
                    locked.add(table.oid());
                } catch (SQLException failure) {
                    if (!SqlState.isLockNotAvailable(failure)) {
                        throw failure;
                    }
                    statement.execute("ROLLBACK TO SAVEPOINT lock; RELEASE SAVEPOINT lock");
                }
            }
        }
        return locked;
    }

    private void prepare(Statement statement) throws SQLException {
        if (source.version().isAtLeast(ServerVersion.V9_6)) {
            // Rows in their order on disk, so that the same part copied again is the same file.
            statement.execute("SET LOCAL max_parallel_workers_per_gather = 0");
        }
    }

    /**
     * Copies one part. After a failure the connection is of no further use.
     *
     * @param range which rows, as an SQL condition; empty for all
     * @param onBytes told now and then how many bytes more were copied
     */
    DumpedPart copy(DeferredTable table, int number, Optional<String> range, Path file, LongConsumer onBytes)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // What is locked beside the table, its indexes, is let go after each part.
            statement.execute("SAVEPOINT part");
            DumpedPart part = copy(connection, encoding, cancellation, table, number, range, file, onBytes);
            statement.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
            return part;
        }
    }

    /** The same in the session of the snapshot's holder, which has locked the table before anybody came to wait for it. */
    DumpedPart copy(
            SnapshotHolder holder,
            DeferredTable table,
            int number,
            Optional<String> range,
            Path file,
            LongConsumer onBytes)
            throws SQLException {
        return holder.read(held -> {
            try (Statement statement = held.createStatement()) {
                prepare(statement);
            }
            return copy(held, encoding, cancellation, table, number, range, file, onBytes);
        });
    }

    private static DumpedPart copy(
            Connection from,
            String encoding,
            Cancellation cancellation,
            DeferredTable table,
            int number,
            Optional<String> range,
            Path file,
            LongConsumer onBytes)
            throws SQLException {
        cancellation.check();
        try (Statement statement = from.createStatement();
                var registration = cancellation.breaksOff(from);
                PartWriter writer = PartWriter.create(file)) {
            CopyManager copies = from.unwrap(PGConnection.class).getCopyAPI();
            CopyOut copy = UserRows.planned(
                    statement,
                    () -> copies.copyOut(sql(table, range, encoding)),
                    () -> copies.copyOut(
                            sql(table, range.map(rows -> rows + " AND " + UserRows.inOurPath()), encoding)));
            long untold = 0;
            for (int size = copyRow(copy, writer); size >= 0; size = copyRow(copy, writer)) {
                cancellation.check();
                untold += size;
                if (untold >= TOLD_AT_ONCE) {
                    onBytes.accept(untold);
                    untold = 0;
                }
            }
            onBytes.accept(untold);
            return writer.finish(table.oid(), number, range, copy.getHandledRowCount());
        }
    }

    /**
     * Copies what the driver hands over at once: a row.
     *
     * @return its size, or -1 after the last one
     */
    private static int copyRow(CopyOut copy, PartWriter writer) throws SQLException {
        // A method of its own, so that no variable keeps a row of a hundred megabytes while the next one is read.
        byte[] row = copy.readFromCopy();
        if (row == null) {
            return -1;
        }
        writer.write(row);
        return row.length;
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
        try {
            // In the middle of a COPY, closing in good order would wait for its end.
            connection.abort(Runnable::run);
        } catch (SQLException gone) {
            // The transaction was read-only.
        }
    }
}
