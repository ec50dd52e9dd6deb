package io.pgconvoy.tuning;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.OpenMark;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@linkplain OpenMark marks} of one run on its source. They are in a session that is there as long as there is a mark; a
 * lost one is replaced within seconds. While a run opens or closes a database, no other one does. Safe for use by many
 * threads.
 */
final class OpenMarks {
    private static final Logger log = LoggerFactory.getLogger(OpenMarks.class);

    /** The first spells pgtu; held while a run opens or closes a database of the source. */
    private static final String TURN = "(" + 0x7067_7475 + ", 1)";

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** How often it is made sure that the session still lives. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Server source;
    private final int owner;
    private final Map<Long, Integer> marks = new LinkedHashMap<>();
    private Session session;
    private boolean watched;

    /** @param source whose sessions' name is the migration's: so it knows what a killed run of it has left */
    OpenMarks(Server source) {
        this.source = source.withApplicationName(source.applicationName() + " doors");
        this.owner = source.applicationName().hashCode();
    }

    /**
     * Does something while no other run opens or closes a database.
     *
     * @throws DoorException where another run does not come to an end with that
     */
    synchronized <T> T inTurn(Supplier<T> what) {
        try {
            takeTurn();
            return what.get();
        } finally {
            giveTurn();
        }
    }

    /** The databases that other runs hold open, with the connection limits from before. */
    synchronized Map<Long, Integer> ofOthers() {
        return OpenMark.limitsBeforeOthers(session, owner);
    }

    /** Who else holds a database open, for a sentence. */
    synchronized String otherHolder(long oid) {
        return OpenMark.otherHolder(session, oid).orElse("a session that just ends");
    }

    /** Marks a database, before it is opened. */
    synchronized void put(long oid, int limitBefore) {
        if (marks.put(oid, limitBefore) == null) {
            OpenMark.put(session, oid, limitBefore);
        }
        if (!watched) {
            watched = true;
            Daemon.start("open-marks", this::watch);
        }
    }

    /** Takes a mark away, after the database is closed. */
    synchronized void remove(long oid) {
        Integer limit = marks.remove(oid);
        if (limit != null && session != null) {
            OpenMark.remove(session, oid, limit);
        }
    }

    private void takeTurn() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        connect();
        while (!tryTurn()) {
            if (System.nanoTime() > deadline) {
                throw new DoorException(
                        "another run has been opening or closing databases for " + PATIENCE.toSeconds() + " s");
            }
            // Two that are in different databases hold each other up, unless they pause differently.
            LockSupport.parkNanos(PAUSE.toNanos() + ThreadLocalRandom.current().nextLong(PAUSE.toNanos()));
        }
    }

    /** Each database has its own advisory locks, so those in all others are looked at. */
    private boolean tryTurn() {
        String others = """
                SELECT NOT EXISTS (
                    SELECT 1 FROM pg_catalog.pg_locks
                     WHERE locktype = 'advisory' AND (classid::bigint, objid::bigint) = %s AND objsubid = 2 AND granted
                       AND pid <> pg_catalog.pg_backend_pid())
                """.formatted(TURN);
        if (!session.flag("SELECT pg_catalog.pg_try_advisory_lock" + TURN)) {
            return false;
        }
        if (session.flag(others)) {
            return true;
        }
        session.flag("SELECT pg_catalog.pg_advisory_unlock" + TURN);
        return false;
    }

    private void giveTurn() {
        if (session == null) {
            return;
        }
        try {
            session.flag("SELECT pg_catalog.pg_advisory_unlock" + TURN);
            if (marks.isEmpty()) {
                session.close();
                session = null;
            }
        } catch (PgconvoyException gone) {
            log.debug("the session with the marks of open databases is lost", gone);
            drop();
        }
    }

    /** Makes sure that there is a session, and that it has all marks. */
    private void connect() {
        if (isAlive()) {
            return;
        }
        drop();
        Session fresh = source.sessionAmongRuns("marking open databases");
        try {
            OpenMark.introduce(fresh, owner);
            for (Map.Entry<Long, Integer> mark : marks.entrySet()) {
                OpenMark.put(fresh, mark.getKey(), mark.getValue());
            }
        } catch (RuntimeException failure) {
            fresh.close();
            throw failure;
        }
        session = fresh;
    }

    private boolean isAlive() {
        return session != null && session.isAlive(INTERVAL);
    }

    private void drop() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    private void watch(Daemon daemon) {
        while (daemon.goesOn(INTERVAL)) {
            synchronized (this) {
                if (marks.isEmpty()) {
                    watched = false;
                    return;
                }
                try {
                    connect();
                } catch (PgconvoyException later) {
                    log.debug("the marks of open databases cannot be made again yet", later);
                }
            }
        }
    }
}
