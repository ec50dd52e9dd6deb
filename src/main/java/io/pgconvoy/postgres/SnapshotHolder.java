package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Keeps one database's exported snapshot alive. It has a connection of its own, outside the pools, for as long as
 * anything of that database is read. Safe for use by many threads, one after the other.
 *
 * <p>Where it holds locks on the tables, somebody who wants to alter one waits for it, and everybody who comes later waits
 * behind that. No session of ours may be among these, since this one is idle, and the server would see no deadlock. So
 * whoever reads in the snapshot locks the tables {@linkplain #lockAtOnce without waiting}, and where that fails, reads
 * {@linkplain #within in this session}, which has the locks.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION">Snapshot
 *     synchronization functions</a>
 */
public final class SnapshotHolder implements AutoCloseable {
    private static final Duration READING_LOCKS = Duration.ofSeconds(5);

    private final Server server;
    private final DatabaseName database;
    private final Connection connection;
    private final String snapshot;
    private final List<String> locked;
    private final Heartbeat heartbeat;

    private SnapshotHolder(
            Server server, DatabaseName database, Connection connection, String snapshot, List<String> locked) {
        this.server = server;
        this.database = database;
        this.connection = connection;
        this.snapshot = snapshot;
        this.locked = List.copyOf(locked);
        this.heartbeat = Heartbeat.start("snapshot-heartbeat-" + database, connection);
    }

    /** Opens a transaction and exports its snapshot; locks nothing. */
    public static SnapshotHolder open(Server server, DatabaseName database) {
        Connection connection = server.open(database);
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            return new SnapshotHolder(server, database, connection, export(statement), List.of());
        } catch (SQLException failure) {
            closeQuietly(connection);
            throw server.failure(database, "exporting a snapshot", failure);
        } catch (RuntimeException failure) {
            closeQuietly(connection);
            throw failure;
        }
    }

    /**
     * Opens a transaction, locks all tables in it against being altered, truncated or dropped, and exports its snapshot.
     *
     * @throws UnsettledException where that is to be tried again, since somebody alters tables at this moment
     * @throws PgconvoyException of the server's kind where somebody has locked a table for too long; of kind INTERRUPTED
     *     once cancelled
     */
    public static SnapshotHolder openLocked(Server server, DatabaseName database, Cancellation cancellation) {
        cancellation.check();
        Connection connection = server.open(database);
        try (Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            TableLocks locks = new TableLocks(server, database, statement);
            locks.begin(cancellation);
            String snapshot = export(statement);
            return new SnapshotHolder(server, database, connection, snapshot, locks.complete());
        } catch (SQLException failure) {
            cancellation.check();
            PgconvoyException told = SqlState.isLockNotAvailable(failure)
                    ? LockHolders.timedOut(server, database, connection, failure)
                    : server.failure(database, "locking the tables and exporting a snapshot", failure);
            closeQuietly(connection);
            throw told;
        } catch (RuntimeException failure) {
            closeQuietly(connection);
            throw failure;
        }
    }

    /**
     * Has a session of its own hold the snapshot, and locks on fewer tables, so that the others are free for everybody.
     *
     * @param tables their {@linkplain Sql#qualified quoted} names
     * @return the new holder, after which this one is closed; or this one, where somebody waits for one of the tables
     */
    public SnapshotHolder narrowed(List<String> tables, Cancellation cancellation) {
        cancellation.check();
        Connection narrow = server.open(database);
        try (Statement statement = narrow.createStatement();
                var registration = cancellation.breaksOff(narrow)) {
            statement.execute("BEGIN");
            adopt(statement, snapshot);
            TableLocks.lockAtOnce(statement, tables);
            SnapshotHolder holder = new SnapshotHolder(server, database, narrow, export(statement), tables);
            close();
            return holder;
        } catch (SQLException failure) {
            closeQuietly(narrow);
            cancellation.check();
            if (SqlState.isLockNotAvailable(failure)) {
                return this;
            }
            throw server.failure(database, "holding the snapshot", failure);
        }
    }

    private static String export(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_export_snapshot()")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void adopt(Statement statement, String snapshot) throws SQLException {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        statement.execute("SET TRANSACTION SNAPSHOT " + Sql.literal(snapshot));
    }

    /** The exported snapshot's identifier. */
    public String snapshot() {
        return snapshot;
    }

    /** Whether it holds locks on the tables. */
    public boolean holdsLocks() {
        return !locked.isEmpty();
    }

    /**
     * Locks tables in another transaction, unless somebody is in the way.
     *
     * @param tables their {@linkplain Sql#qualified quoted} names
     * @throws SqlFailure lock_not_available where somebody is; then the transaction is of no further use
     */
    public static void lockAtOnce(Session session, List<String> tables) {
        TableLocks.lockAtOnce(session, tables);
    }

    /**
     * Reads what is not locked already, views and sequences among it, and lets it go at once. That is in this session where it
     * holds locks on the tables, for which no other one might wait; else in one of its own. It waits for nobody for long: what
     * it has locked by then others want.
     *
     * @throws UnsettledException where somebody alters or drops what is read, or has it locked
     */
    public <T> T readBriefly(String doing, Cancellation cancellation, Function<Session, T> reading) {
        cancellation.check();
        Function<Session, T> briefly = session -> {
            session.execute("SET LOCAL lock_timeout = " + READING_LOCKS.toMillis());
            return reading.apply(session);
        };
        try {
            return holdsLocks() ? within(doing, briefly) : readApart(doing, briefly);
        } catch (SqlFailure failure) {
            if (SqlState.isLockNotAvailable(failure)) {
                throw UnsettledException.locked(new PgconvoyException(
                        ErrorKind.of(server.side()),
                        server.label() + ", database \"" + database + "\": somebody has locked what is to be read"
                                + LockHolders.told(server, database),
                        "Have that session end its transaction, or raise --lock-wait-timeout; then run the same command"
                                + " again.",
                        failure));
            }
            if (SqlState.isInternal(failure) || SqlState.isDeadlock(failure)) {
                throw new UnsettledException(new PgconvoyException(
                        ErrorKind.of(server.side()),
                        server.label() + ", database \"" + database
                                + "\": somebody alters or drops something at this moment: " + failure.reason(),
                        "Run the same command again when nobody does.",
                        failure));
            }
            throw failure;
        }
    }

    private <T> T readApart(String doing, Function<Session, T> reading) {
        try (Session apart = server.session(database, doing)) {
            return apart.rolledBack(session -> {
                session.adopt(snapshot);
                return reading.apply(session);
            });
        }
    }

    /**
     * Reads in this session. What is set and locked meanwhile is undone, so that afterwards it holds what it held before,
     * also when the reading fails.
     */
    public synchronized <T> T within(String doing, Function<Session, T> reading) {
        return new Session(server, database, connection, doing).undone(reading);
    }

    /**
     * To be called after the last reader: a holder whose connection broke meanwhile has held nothing.
     *
     * @throws PgconvoyException where the transaction is gone
     */
    public synchronized void confirm() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        } catch (SQLException failure) {
            throw server.failure(database, "holding the snapshot", failure);
        }
    }

    /**
     * Does in this thread what is of use only with the snapshot: once its session is lost, the work is broken off.
     *
     * @param doing names it
     * @throws PgconvoyException of the server's kind where the session was lost
     */
    public <T> T whileHeld(String doing, Cancellation cancellation, Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        try (Cancellation.Scope scope = cancellation.scope()) {
            Runnable end = scope.cancellation()::cancel;
            heartbeat.whenLost(end);
            try {
                scope.run(() -> result.set(work.get()));
            } finally {
                heartbeat.forget(end);
            }
            return result.get();
        } catch (RuntimeException failure) {
            cancellation.check();
            if (heartbeat.lost().isEmpty()) {
                throw failure;
            }
            PgconvoyException told = server.failure(
                    database,
                    doing
                            + " is ended, since the session that holds its snapshot was lost and nothing can be counted as it"
                            + " saw it; holding the snapshot",
                    heartbeat.lost().get());
            told.addSuppressed(failure);
            throw told;
        }
    }

    /** Breaks off whatever is read in this session, and gives the snapshot up. */
    public void breakOff() throws SQLException {
        Cancellation.breakOff(connection);
    }

    @Override
    public void close() {
        heartbeat.close();
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // The transaction was read-only; a broken connection has ended it as well.
        }
    }
}
