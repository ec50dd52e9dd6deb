package io.pgconvoy.survey;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other runs off the target, whatever machine and whatever state folder they are started from: advisory locks of a
 * session that lives as long as the run. With --share-target several runs hold it together.
 *
 * <p>Advisory locks belong to a database, and two runs need not be able to connect to the same one. So who has taken the
 * lock in its database looks at those in all others, which pg_locks shows to everybody.
 *
 * <p>A second kind of lock says which databases this run has made, so that another one that shares the target drops none of
 * them; a third one is held while the shared tuning is decided on. All is safe for use by many threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">Advisory Locks</a>
 */
public final class TargetLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TargetLock.class);

    /** Spells pgcv; the second key is one of the following. */
    private static final int RUNS = 0x70676376;

    private static final int RUN = 0;
    private static final int TUNING = 1;

    /** Spells pgcd; the second key is a database's OID. */
    private static final int DATABASES = 0x70676364;

    /** How often it is made sure that the session still lives. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private static final int ATTEMPTS = 8;

    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(1);

    private static final Duration TUNING_PATIENCE = Duration.ofMinutes(10);

    private final boolean share;
    private final RunMessages notes;
    private final Cancellation cancellation;
    private final Set<Long> made = ConcurrentHashMap.newKeySet();

    /** Held while the session is used. */
    private final ReentrantLock using = new ReentrantLock();

    private JournalStore journal;
    private Server server;
    private Optional<Daemon> watch = Optional.empty();
    private volatile Session session;
    private volatile Optional<PgconvoyException> lost = Optional.empty();

    /**
     * Takes nothing yet.
     *
     * @param share whether other runs that share the target may be at work there, too
     */
    public TargetLock(boolean share, RunMessages notes, Cancellation cancellation) {
        this.share = share;
        this.notes = notes;
        this.cancellation = cancellation;
    }

    /**
     * Takes it, and keeps it from then on: should the session be lost, it is taken again, and where somebody else was
     * quicker the run is stopped.
     *
     * @param own this run's journal
     * @throws PgconvoyException of kind JOURNAL where another run is at work on the target
     */
    public void take(Server target, JournalStore own) {
        journal = own;
        // Held until the tuning is reverted, also by a run that is being stopped.
        server = target.withApplicationName(LockHolder.ownName()).undisturbed();
        tryForAWhile().ifPresent(other -> {
            throw other.refusal(server, share);
        });
        watch = Optional.of(Daemon.start("target-lock", daemon -> {
            while (daemon.goesOn(INTERVAL) && (beat() || (!daemon.isClosed() && takeAgain()))) {}
        }));
    }

    /**
     * Refuses as {@link #take} would, without taking anything.
     *
     * @throws PgconvoyException of kind JOURNAL
     */
    public void refuseOthers(Server target) {
        inTheWay(target).ifPresent(refusal -> {
            throw refusal;
        });
    }

    /** Why {@link #take} would refuse. */
    public Optional<PgconvoyException> inTheWay(Server target) {
        return holders(target).stream()
                .filter(other -> !(share && other.shared()))
                .findFirst()
                .map(other -> other.refusal(target, share));
    }

    /** Who is at work on a target. */
    public static List<LockHolder> holders(Server target) {
        try (Session session = target.session("looking for other runs")) {
            return holders(session, "");
        }
    }

    /** The databases of the target that other runs at work have made, by OID. */
    public static Set<Long> madeByOthers(Server target) {
        try (Session session = target.session("looking for other runs' databases")) {
            return Set.copyOf(session.list("""
                    SELECT DISTINCT objid::bigint FROM pg_catalog.pg_locks
                     WHERE locktype = 'advisory' AND classid = %d AND objsubid = 2 AND granted
                    """.formatted(DATABASES), row -> row.getLong(1)));
        }
    }

    public boolean isShared() {
        return share;
    }

    /** Why the run was stopped: somebody else took the lock while its session was lost. */
    public Optional<PgconvoyException> lost() {
        return lost;
    }

    /** Tells other runs that a database is this one's. */
    public void claim(long oid) {
        made.add(oid);
        if (share) {
            // Where the session is lost just now, the next one claims all of them.
            ask(here -> lock(here, "pg_try_advisory_lock", DATABASES, (int) oid));
        }
    }

    /**
     * Decides about the tuning while no other run does.
     *
     * @param decision is told whether no other run is at work on the target
     */
    public <T> T withTuning(Function<Boolean, T> decision) {
        if (!share || !isHeld()) {
            return decision.apply(true);
        }
        long deadline = System.nanoTime() + TUNING_PATIENCE.toNanos();
        boolean told = false;
        while (!ask(here -> lock(here, "pg_try_advisory_lock", RUNS, TUNING))) {
            if (!told) {
                notes.info("waiting for another run that is changing the settings of " + server.label() + " just now");
                told = true;
            }
            if (System.nanoTime() > deadline || !isHeld()) {
                return decision.apply(false);
            }
            // What an interrupt has ended still has to be put right.
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        try {
            return decision.apply(ask(here -> holders(here, comment()).isEmpty()));
        } finally {
            ask(here -> lock(here, "pg_advisory_unlock", RUNS, TUNING));
        }
    }

    /** The same at the end of the run, which counts as no other run's neighbour from there on. */
    public <T> T leaveTuning(Function<Boolean, T> decision) {
        return withTuning(alone -> {
            try {
                return decision.apply(alone);
            } finally {
                if (share) {
                    ask(here -> lock(here, "pg_advisory_unlock_shared", RUNS, RUN));
                }
            }
        });
    }

    private boolean isHeld() {
        return session != null && lost.isEmpty();
    }

    /** Asks in the session that holds the locks; a lost session says no. */
    private boolean ask(Predicate<Session> question) {
        using.lock();
        try {
            Session here = session;
            return here != null && question.test(here);
        } catch (SqlFailure gone) {
            // Its locks have gone with it.
            log.debug("the session that locks the target is lost", gone);
            return false;
        } finally {
            using.unlock();
        }
    }

    /** What ends just now, as after kill -9, is waited for; returns who is in the way. */
    private Optional<LockHolder> tryForAWhile() {
        Optional<LockHolder> other = tryToTake();
        for (int attempt = 1; other.isPresent() && attempt < ATTEMPTS; attempt++) {
            Cancellation.pause(PAUSE);
            other = tryToTake();
        }
        return other;
    }

    private Optional<LockHolder> tryToTake() {
        Session fresh = server.sessionAmongRuns("locking the target against other runs");
        boolean held = false;
        try {
            fresh.limit(ANSWER_TIMEOUT);
            boolean taken = lock(fresh, share ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock", RUNS, RUN);
            List<LockHolder> others = holders(fresh, comment()).stream()
                    .filter(holder -> !(share && holder.shared()))
                    .toList();
            if (taken && others.isEmpty()) {
                for (long oid : share ? made : Set.<Long>of()) {
                    lock(fresh, "pg_try_advisory_lock", DATABASES, (int) oid);
                }
                session = fresh;
                held = true;
                return Optional.empty();
            }
            others.forEach(other -> endLeftover(other, fresh));
            return Optional.of(others.isEmpty() ? LockHolder.UNKNOWN : others.get(0));
        } finally {
            if (!held) {
                fresh.close();
            }
        }
    }

    /**
     * Ends what this run or an earlier one with the same journal has left, of which the operating system says that it is
     * over: a session that its server has not yet found to be dead. It is gone at the next try.
     */
    private void endLeftover(LockHolder holder, Session here) {
        boolean ours = holder.comment().equals(Optional.of(LockHolder.ownComment(journal)));
        if (ours || (holder.isOf(journal) && isFree(journal))) {
            here.execute("SELECT pg_catalog.pg_terminate_backend(?)", holder.session());
        }
    }

    private static boolean isFree(JournalStore journal) {
        if (!journal.exists()) {
            return false;
        }
        try (JournalStore.Lease lease = journal.lease()) {
            return true;
        } catch (PgconvoyException atWork) {
            return false;
        }
    }

    private boolean lock(Session here, String function, int first, int second) {
        return here.flag(comment() + "SELECT pg_catalog." + function + "(" + first + ", " + second + ")");
    }

    /** @param comment of the query, by which others know a session that holds the lock */
    private static List<LockHolder> holders(Session here, String comment) {
        return here.list(
                comment + """
                SELECT l.pid, l.mode, a.application_name, pg_catalog.host(a.client_addr),
                       pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'), a.query
                  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'advisory' AND l.classid = %d AND l.objid = %d AND l.objsubid = 2 AND l.granted
                   AND l.pid <> pg_catalog.pg_backend_pid()
                 ORDER BY a.backend_start, l.pid
                """.formatted(RUNS, RUN),
                row -> new LockHolder(
                        row.getInt(1),
                        row.getString(2).equals("ShareLock"),
                        row.text(3).orElse("a process"),
                        row.text(4),
                        row.text(5),
                        LockHolder.commentOf(row.getString(6))));
    }

    private String comment() {
        return "/* " + LockHolder.ownComment(journal) + " */ ";
    }

    private boolean beat() {
        // With the comment, which others read from this session's last query.
        boolean alive = ask(here ->
                here.execute(comment() + "SET application_name = " + Sql.literal(server.applicationName())) >= 0);
        Session broken = session;
        if (!alive && broken != null) {
            broken.close();
        }
        return alive;
    }

    /** Returns whether the run may go on; a target that is not to be reached yet keeps nobody else off, either. */
    private boolean takeAgain() {
        try {
            Optional<LockHolder> other = tryForAWhile();
            if (other.isEmpty()) {
                return true;
            }
            PgconvoyException refusal = other.get().refusal(server, share);
            session = null;
            lost = Optional.of(refusal);
            notes.error("this run stops, since its session on " + server.label() + " was lost, and meanwhile "
                    + refusal.getMessage());
            cancellation.cancel();
            return false;
        } catch (PgconvoyException unreachable) {
            log.debug("the target cannot be locked again yet", unreachable);
            return true;
        }
    }

    @Override
    public void close() {
        watch.ifPresent(Daemon::close);
        Session last = session;
        session = null;
        if (last == null) {
            return;
        }
        boolean mine = false;
        try (last) {
            mine = using.tryLock(1, TimeUnit.SECONDS);
            if (mine) {
                // The server would do that by itself, but a moment after this process is gone.
                last.limit(Duration.ofSeconds(5));
                last.execute("SELECT pg_catalog.pg_advisory_unlock_all()");
            } else {
                last.breakOff();
            }
        } catch (SqlFailure gone) {
            log.debug("unlocking", gone);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        } finally {
            if (mine) {
                using.unlock();
            }
        }
    }
}
