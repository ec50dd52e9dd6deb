package io.pgconvoy.postgres.locks;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Cancellation;
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

    private final Session session;
    private final String snapshot;
    private final List<String> locked;
    private final Heartbeat heartbeat;

    private SnapshotHolder(Session session, String snapshot, List<String> locked) {
        this.session = session.doing("holding the snapshot");
        this.snapshot = snapshot;
        this.locked = List.copyOf(locked);
        this.heartbeat = Heartbeat.start("snapshot-heartbeat-" + session.database(), this.session);
    }

    private static SnapshotHolder of(Session session, Function<Session, SnapshotHolder> beginning) {
        try {
            return beginning.apply(session);
        } catch (RuntimeException failure) {
            session.close();
            throw failure;
        }
    }

    /** Opens a transaction and exports its snapshot; locks nothing. */
    public static SnapshotHolder open(Server server, DatabaseName database) {
        return of(server.session(database, "exporting a snapshot"), session -> {
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            return new SnapshotHolder(session, export(session), List.of());
        });
    }

    /**
     * Opens a transaction, locks all tables in it against being altered, truncated or dropped, and exports its snapshot.
     *
     * @throws UnsettledException where that is to be tried again, since somebody alters tables at this moment
     * @throws PgconvoyException of the server's kind where somebody has locked a table for too long; of kind INTERRUPTED
     *     once cancelled
     */
    public static SnapshotHolder openLocked(Server server, DatabaseName database) {
        return of(server.session(database, "locking the tables and exporting a snapshot"), session -> {
            TableLocks locks = new TableLocks(session);
            try {
                locks.begin();
                return new SnapshotHolder(session, export(session), locks.complete());
            } catch (SqlFailure failure) {
                throw SqlState.isLockNotAvailable(failure) ? LockHolders.timedOut(session, failure) : failure;
            }
        });
    }

    /**
     * Has a session of its own hold the snapshot, and locks on fewer tables, so that the others are free for everybody.
     *
     * @param tables their {@linkplain Sql#qualified quoted} names
     * @return the new holder, after which this one is closed; or this one, where somebody waits for one of the tables
     */
    public SnapshotHolder narrowed(List<String> tables) {
        try {
            SnapshotHolder holder = of(session.server().session(session.database(), "holding the snapshot"), narrow -> {
                narrow.execute("BEGIN");
                narrow.adopt(snapshot);
                lockAtOnce(narrow, tables);
                return new SnapshotHolder(narrow, export(narrow), tables);
            });
            close();
            return holder;
        } catch (SqlFailure failure) {
            if (SqlState.isLockNotAvailable(failure)) {
                return this;
            }
            throw failure;
        }
    }

    private static String export(Session session) {
        return session.text("SELECT pg_catalog.pg_export_snapshot()").orElseThrow();
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
    public <T> T readBriefly(String doing, Function<Session, T> reading) {
        Function<Session, T> briefly = reader -> {
            reader.execute("SET LOCAL lock_timeout = " + READING_LOCKS.toMillis());
            return reading.apply(reader);
        };
        try {
            return holdsLocks() ? within(doing, briefly) : readApart(doing, briefly);
        } catch (SqlFailure failure) {
            if (SqlState.isLockNotAvailable(failure)) {
                throw UnsettledException.locked(failure.with(
                        session.place() + ": somebody has locked what is to be read" + LockHolders.told(session),
                        LockHolders.HINT));
            }
            if (SqlState.isInternal(failure) || SqlState.isDeadlock(failure)) {
                throw new UnsettledException(failure.with(
                        session.place() + ": somebody alters or drops something at this moment: " + failure.reason(),
                        "Run the same command again when nobody does."));
            }
            throw failure;
        }
    }

    private <T> T readApart(String doing, Function<Session, T> reading) {
        try (Session apart = session.server().session(session.database(), doing)) {
            return apart.rolledBack(reader -> {
                reader.adopt(snapshot);
                return reading.apply(reader);
            });
        }
    }

    /**
     * Reads in this session. What is set and locked meanwhile is undone, so that afterwards it holds what it held before,
     * also when the reading fails.
     */
    public synchronized <T> T within(String doing, Function<Session, T> reading) {
        return session.doing(doing).undone(reading);
    }

    /**
     * To be called after the last reader: a holder whose connection broke meanwhile has held nothing.
     *
     * @throws PgconvoyException where the transaction is gone
     */
    public synchronized void confirm() {
        session.execute("SELECT 1");
    }

    /**
     * Does in this thread what is of use only with the snapshot: once its session is lost, the work is broken off.
     *
     * @param doing names it
     * @throws PgconvoyException of the server's kind where the session was lost
     */
    public <T> T whileHeld(String doing, Supplier<T> work) {
        Cancellation cancellation = session.server().cancellation();
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
            RuntimeException told = session.doing(doing
                            + " is ended, since the session that holds its snapshot was lost and nothing can be counted as it"
                            + " saw it; holding the snapshot")
                    .failure(heartbeat.lost().get().sql());
            told.addSuppressed(failure);
            throw told;
        }
    }

    @Override
    public void close() {
        heartbeat.close();
        session.close();
    }
}
