package io.pgconvoy.postgres.locks;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerSilence;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, once a second, whether sessions of ours, pg_dump's among them, wait for locks on a server. Whoever waits for long is
 * told of, with the table and who has it. And a circle is broken: a session of ours that waits for somebody who waits for an
 * idle session of ours would wait for ever, and the server sees no deadlock in that. Its statement is cancelled, and
 * {@link #brokeCircle} remembers it.
 */
public final class LockWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LockWatch.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration LONG = Duration.ofSeconds(5);

    /** A session that is idle for the moment between two statements is no part of a circle. */
    private static final int LOOKS_FOR_A_CIRCLE = 3;

    /** For a server that cannot be asked just now. */
    private static final Duration LONG_PAUSE = Duration.ofSeconds(10);

    private final Server server;
    private final Consumer<String> tell;
    private final ServerSilence silence;
    private final Daemon daemon;
    private final Set<String> brokenCircles = ConcurrentHashMap.newKeySet();

    /** By the waiting session. */
    private Map<Integer, Waiting> waiting = new HashMap<>();

    /** By the database that lets nobody in. */
    private Map<String, Waiting> shut = new HashMap<>();

    private LockWatch(Server server, Consumer<String> tell) {
        this.server = server;
        this.tell = tell;
        this.silence = new ServerSilence(server, tell);
        this.daemon = Daemon.start("lock-watch-" + server.side().label(), this::watch);
    }

    /**
     * Starts watching.
     *
     * @param server whose application name is that of the sessions that are watched
     * @param tell receives one sentence for each long wait
     */
    public static LockWatch start(Server server, Consumer<String> tell) {
        return new LockWatch(server, tell);
    }

    /** Whether a circle was broken in that database since this was last asked. */
    public boolean brokeCircle(String database) {
        return brokenCircles.remove(database);
    }

    /**
     * A session of the server.
     *
     * @param blockers who it waits for; 0 for a prepared transaction
     */
    private record Backend(
            int pid,
            String database,
            String user,
            String application,
            String state,
            String since,
            List<Integer> blockers) {}

    /**
     * A wait that was seen.
     *
     * @param since by the clock of this program
     * @param circle how often it was seen as part of a circle, without a pause
     */
    private record Waiting(long since, boolean told, int circle) {}

    private void watch(Daemon watching) {
        Optional<Session> asking = Optional.empty();
        Duration pause = PAUSE;
        while (watching.goesOn(pause)) {
            pause = PAUSE;
            if (asking.isEmpty()) {
                asking = connect();
                pause = asking.isEmpty() ? LONG_PAUSE : PAUSE;
            } else if (!looks(asking.get(), watching)) {
                asking.get().close();
                asking = Optional.empty();
            }
        }
        asking.ifPresent(Session::close);
    }

    /** Empty where the server cannot be asked just now. */
    private Optional<Session> connect() {
        try {
            return Optional.of(silence.connect());
        } catch (PgconvoyException failure) {
            log.debug("looking for locks on {}", server.label(), failure);
            return Optional.empty();
        }
    }

    private boolean looks(Session session, Daemon watching) {
        try {
            look(session);
            return true;
        } catch (PgconvoyException failure) {
            log.debug("looking for locks on {}", server.label(), failure);
            if (!watching.isClosed()) {
                silence.failed(failure);
            }
            return false;
        }
    }

    private void look(Session session) {
        lookForShutDatabases(session);
        if (!somebodyWaits(session)) {
            waiting = new HashMap<>();
            return;
        }
        Map<Integer, Backend> all = backends(session);
        Map<Integer, Waiting> now = new HashMap<>();
        for (Backend backend : all.values()) {
            if (isOurs(backend) && !backend.blockers().isEmpty()) {
                now.put(backend.pid(), look(session, backend, all));
            }
        }
        waiting = now;
    }

    /**
     * Whoever connects waits where somebody alters a database, or makes another one of it. A session that waits so has no name
     * yet by which ours would be known, and no lock_timeout is in force for it.
     */
    private void lookForShutDatabases(Session session) {
        Map<String, Waiting> now = new HashMap<>();
        session.each("""
                SELECT DISTINCT ON (d.datname) d.datname, h.pid, a.usename, a.state,
                       pg_catalog.to_char(COALESCE(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                  FROM pg_catalog.pg_locks w
                  JOIN pg_catalog.pg_locks h
                    ON (h.locktype, h.classid, h.objid) = (w.locktype, w.classid, w.objid)
                   AND h.granted AND h.mode IN ('ShareLock', 'ExclusiveLock', 'AccessExclusiveLock')
                  JOIN pg_catalog.pg_database d ON d.oid = w.objid
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
                 WHERE w.locktype = 'object' AND w.classid = 'pg_catalog.pg_database'::pg_catalog.regclass
                   AND NOT w.granted AND w.mode = 'RowExclusiveLock'
                 ORDER BY d.datname, h.pid
                """, row -> {
            String database = row.getString(1);
            String who = LockHolders.session(row.getInt(2), row.getString(3), row.getString(4), row.getString(5));
            now.put(
                    database,
                    seen(
                            shut.get(database),
                            0,
                            () -> server.label() + ", database \"" + database
                                    + "\": new sessions wait, as it is being altered or copied by " + who));
        });
        shut = now;
    }

    /**
     * What was seen once more.
     *
     * @param before null where it is seen for the first time
     * @param sentence to be told of it where it lasts
     */
    private Waiting seen(Waiting before, int circle, Supplier<String> sentence) {
        if (before == null) {
            return new Waiting(System.nanoTime(), false, circle);
        }
        boolean tells = !before.told() && System.nanoTime() - before.since() >= LONG.toNanos();
        if (tells) {
            tell.accept(sentence.get());
        }
        return new Waiting(before.since(), before.told() || tells, circle);
    }

    private Waiting look(Session session, Backend backend, Map<Integer, Backend> all) {
        Waiting before = waiting.get(backend.pid());
        int circle = isInCircle(backend, all) ? (before == null ? 0 : before.circle()) + 1 : 0;
        Waiting now = seen(before, circle, () -> sentence(session, backend, all));
        if (circle == LOOKS_FOR_A_CIRCLE) {
            brokenCircles.add(backend.database());
            log.info("database {}: session {} waits for somebody who waits for us", backend.database(), backend.pid());
            session.execute("SELECT pg_catalog.pg_cancel_backend(?)", backend.pid());
        }
        return now;
    }

    private boolean isOurs(Backend backend) {
        return server.applicationName().equals(backend.application());
    }

    /** Whether it waits for others that wait for an idle session of ours. */
    private boolean isInCircle(Backend backend, Map<Integer, Backend> all) {
        Set<Integer> seen = new HashSet<>();
        List<Integer> next = new ArrayList<>(backend.blockers());
        while (!next.isEmpty()) {
            int pid = next.remove(next.size() - 1);
            Backend blocker = all.get(pid);
            if (blocker == null || !seen.add(pid)) {
                continue;
            }
            boolean idle = blocker.blockers().isEmpty()
                    && String.valueOf(blocker.state()).startsWith("idle in transaction");
            if (isOurs(blocker) && idle && !backend.blockers().contains(pid)) {
                return true;
            }
            next.addAll(blocker.blockers());
        }
        return false;
    }

    private String sentence(Session session, Backend backend, Map<Integer, Backend> all) {
        List<String> who = backend.blockers().stream()
                .distinct()
                .map(pid -> Optional.ofNullable(all.get(pid))
                        .map(blocker ->
                                LockHolders.session(blocker.pid(), blocker.user(), blocker.state(), blocker.since())
                                        + (blocker.blockers().isEmpty() ? "" : ", which itself waits for a lock"))
                        .orElseGet(() -> LockHolders.session(pid, null, null, null)))
                .toList();
        return server.label() + ", database \"" + backend.database() + "\": pgconvoy waits for "
                + object(session, backend) + ", locked by " + String.join("; ", who);
    }

    private record Lock(String kind, long relation) {}

    private String object(Session session, Backend backend) {
        List<Lock> locks = session.list(
                "SELECT locktype, relation FROM pg_catalog.pg_locks WHERE pid = ? AND NOT granted",
                row -> new Lock(row.getString(1), row.getLong(2)),
                backend.pid());
        Lock lock = locks.isEmpty() ? new Lock("lock", 0) : locks.get(locks.size() - 1);
        if (lock.relation() == 0) {
            return "a lock of kind " + lock.kind();
        }
        Optional<String> name = Optional.empty();
        try (Session inside = server.sessionWithin(
                Duration.ZERO, new DatabaseName(backend.database()), "asking for the name of a relation")) {
            name = inside.first(
                    """
                    SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?
                    """,
                    row -> LockHolders.relation(row.getString(3)) + " "
                            + Sql.qualified(row.getString(1), row.getString(2)),
                    lock.relation());
        } catch (PgconvoyException failure) {
            log.debug("asking for the name of a relation", failure);
        }
        return name.orElse("the relation with OID " + lock.relation());
    }

    private boolean somebodyWaits(Session session) {
        return session.flag(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = ? AND " + waits()
                        + ")",
                server.applicationName());
    }

    private boolean knowsBlockers() {
        return server.version().isAtLeast(ServerVersion.V9_6);
    }

    private String waits() {
        return knowsBlockers() ? "wait_event_type = 'Lock'" : "waiting";
    }

    private Map<Integer, Backend> backends(Session session) {
        Map<Integer, List<Integer>> byLocks = knowsBlockers() ? Map.of() : blockersByLocks(session);
        String sql = """
                SELECT pid, datname, usename, application_name, state,
                       pg_catalog.to_char(COALESCE(xact_start, backend_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                       %s
                  FROM pg_catalog.pg_stat_activity
                """.formatted(
                        knowsBlockers() ? ", CASE WHEN " + waits() + " THEN pg_catalog.pg_blocking_pids(pid) END" : "");
        Map<Integer, Backend> all = new TreeMap<>();
        session.each(sql, row -> {
            int pid = row.getInt(1);
            List<Integer> blockers = knowsBlockers()
                    ? row.numbers(7).stream().map(Long::intValue).toList()
                    : byLocks.getOrDefault(pid, List.of());
            all.put(
                    pid,
                    new Backend(
                            pid,
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            blockers));
        });
        return all;
    }

    /**
     * Before 9.6, by the locks themselves: whoever has one that conflicts, and, since nobody can tell who came first, for us
     * also whoever waits for one.
     */
    private Map<Integer, List<Integer>> blockersByLocks(Session session) {
        Map<Integer, List<Integer>> blockers = new HashMap<>();
        session.each(
                """
                SELECT w.pid, w.mode, h.pid, h.mode, h.granted, a.application_name = ?
                  FROM pg_catalog.pg_locks w
                  JOIN pg_catalog.pg_locks h
                    ON (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid,
                        w.objid, w.objsubid)
                       IS NOT DISTINCT FROM
                       (h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid,
                        h.objid, h.objsubid)
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid
                 WHERE NOT w.granted AND h.pid IS DISTINCT FROM w.pid
                """,
                row -> {
                    if (LockModes.conflict(row.getString(2), row.getString(4))
                            && (row.getBoolean(5) || row.getBoolean(6))) {
                        blockers.computeIfAbsent(row.getInt(1), waiter -> new ArrayList<>())
                                .add(row.getInt(3));
                    }
                },
                server.applicationName());
        return blockers;
    }

    /** Ends the watch; does not wait for a server that does not answer. */
    @Override
    public void close() {
        daemon.close();
    }
}
