package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<String> brokenCircles = ConcurrentHashMap.newKeySet();

    /** By the waiting session. */
    private Map<Integer, Waiting> waiting = new HashMap<>();

    /** By the database that lets nobody in. */
    private Map<String, Waiting> shut = new HashMap<>();

    private LockWatch(Server server, Consumer<String> tell) {
        this.server = server;
        this.tell = tell;
        this.silence = new ServerSilence(server, tell);
        this.thread = new Thread(this::watch, "lock-watch-" + server.side().label());
        thread.setDaemon(true);
    }

    /**
     * Starts watching.
     *
     * @param server whose application name is that of the sessions that are watched
     * @param tell receives one sentence for each long wait
     */
    public static LockWatch start(Server server, Consumer<String> tell) {
        LockWatch watch = new LockWatch(server, tell);
        watch.thread.start();
        return watch;
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
    private record Session(
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

    private void watch() {
        Connection connection = null;
        try {
            Duration pause = PAUSE;
            while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                if (connection == null) {
                    connection = connect();
                    pause = connection == null ? LONG_PAUSE : PAUSE;
                } else if (!looks(connection)) {
                    closeQuietly(connection);
                    connection = null;
                    pause = PAUSE;
                }
            }
        } catch (InterruptedException end) {
            // As it is closed.
        } finally {
            closeQuietly(connection);
        }
    }

    /** Returns null where the server cannot be asked just now. */
    private Connection connect() {
        try {
            return silence.connect();
        } catch (SQLException | PgconvoyException failure) {
            log.debug("looking for locks on {}", server.label(), failure);
            return null;
        }
    }

    private boolean looks(Connection connection) {
        try {
            look(connection);
            return true;
        } catch (SQLException failure) {
            log.debug("looking for locks on {}", server.label(), failure);
            if (closed.getCount() > 0) {
                silence.failed(failure);
            }
            return false;
        }
    }

    private void look(Connection connection) throws SQLException {
        lookForShutDatabases(connection);
        if (!somebodyWaits(connection)) {
            waiting = new HashMap<>();
            return;
        }
        Map<Integer, Session> sessions = sessions(connection);
        Map<Integer, Waiting> now = new HashMap<>();
        for (Session session : sessions.values()) {
            if (isOurs(session) && !session.blockers().isEmpty()) {
                now.put(session.pid(), look(connection, session, sessions));
            }
        }
        waiting = now;
    }

    /**
     * Whoever connects waits where somebody alters a database, or makes another one of it. A session that waits so has no name
     * yet by which ours would be known, and no lock_timeout is in force for it.
     */
    private void lookForShutDatabases(Connection connection) throws SQLException {
        Map<String, Waiting> now = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
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
                        """)) {
            while (row.next()) {
                String database = row.getString(1);
                Waiting before = shut.getOrDefault(database, new Waiting(System.nanoTime(), false, 0));
                boolean told = before.told();
                if (!told && System.nanoTime() - before.since() >= LONG.toNanos()) {
                    tell.accept(server.label() + ", database \"" + database
                            + "\": new sessions wait, as it is being altered or copied by "
                            + LockHolders.session(row.getInt(2), row.getString(3), row.getString(4), row.getString(5)));
                    told = true;
                }
                now.put(database, new Waiting(before.since(), told, 0));
            }
        }
        shut = now;
    }

    private Waiting look(Connection connection, Session session, Map<Integer, Session> sessions) throws SQLException {
        Waiting before = waiting.getOrDefault(session.pid(), new Waiting(System.nanoTime(), false, 0));
        boolean told = before.told();
        if (!told && System.nanoTime() - before.since() >= LONG.toNanos()) {
            tell.accept(sentence(connection, session, sessions));
            told = true;
        }
        int circle = isInCircle(session, sessions) ? before.circle() + 1 : 0;
        if (circle == LOOKS_FOR_A_CIRCLE) {
            brokenCircles.add(session.database());
            log.info("database {}: session {} waits for somebody who waits for us", session.database(), session.pid());
            try (PreparedStatement cancel = connection.prepareStatement("SELECT pg_catalog.pg_cancel_backend(?)")) {
                cancel.setInt(1, session.pid());
                cancel.execute();
            }
        }
        return new Waiting(before.since(), told, circle);
    }

    private boolean isOurs(Session session) {
        return server.applicationName().equals(session.application());
    }

    /** Whether it waits for others that wait for an idle session of ours. */
    private boolean isInCircle(Session session, Map<Integer, Session> sessions) {
        Set<Integer> seen = new HashSet<>();
        List<Integer> next = new ArrayList<>(session.blockers());
        while (!next.isEmpty()) {
            int pid = next.remove(next.size() - 1);
            Session blocker = sessions.get(pid);
            if (blocker == null || !seen.add(pid)) {
                continue;
            }
            boolean idle = blocker.blockers().isEmpty()
                    && String.valueOf(blocker.state()).startsWith("idle in transaction");
            if (isOurs(blocker) && idle && !session.blockers().contains(pid)) {
                return true;
            }
            next.addAll(blocker.blockers());
        }
        return false;
    }

    private String sentence(Connection connection, Session session, Map<Integer, Session> sessions)
            throws SQLException {
        List<String> who = session.blockers().stream()
                .distinct()
                .map(pid -> Optional.ofNullable(sessions.get(pid))
                        .map(blocker ->
                                LockHolders.session(blocker.pid(), blocker.user(), blocker.state(), blocker.since())
                                        + (blocker.blockers().isEmpty() ? "" : ", which itself waits for a lock"))
                        .orElseGet(() -> LockHolders.session(pid, null, null, null)))
                .toList();
        return server.label() + ", database \"" + session.database() + "\": pgconvoy waits for "
                + object(connection, session) + ", locked by " + String.join("; ", who);
    }

    private String object(Connection connection, Session session) throws SQLException {
        long relation = 0;
        String kind = "lock";
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT locktype, relation FROM pg_catalog.pg_locks WHERE pid = ? AND NOT granted
                """)) {
            query.setInt(1, session.pid());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    kind = row.getString(1);
                    relation = row.getLong(2);
                }
            }
        }
        if (relation == 0) {
            return "a lock of kind " + kind;
        }
        String name = "the relation with OID " + relation;
        try (Connection inside = server.connect(new DatabaseName(session.database()));
                PreparedStatement query = inside.prepareStatement("""
                        SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c
                          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?
                        """)) {
            query.setLong(1, relation);
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    name = LockHolders.relation(row.getString(3)) + " "
                            + Sql.qualified(row.getString(1), row.getString(2));
                }
            }
        } catch (SQLException | PgconvoyException failure) {
            log.debug("asking for the name of a relation", failure);
        }
        return name;
    }

    private boolean somebodyWaits(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = ? AND " + waits()
                        + ")")) {
            query.setString(1, server.applicationName());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private boolean knowsBlockers() {
        return server.version().isAtLeast(ServerVersion.V9_6);
    }

    private String waits() {
        return knowsBlockers() ? "wait_event_type = 'Lock'" : "waiting";
    }

    private Map<Integer, Session> sessions(Connection connection) throws SQLException {
        Function<Integer, List<Integer>> blockers = knowsBlockers() ? pid -> List.of() : blockersByLocks(connection);
        String sql = """
                SELECT pid, datname, usename, application_name, state,
                       pg_catalog.to_char(COALESCE(xact_start, backend_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                       %s
                  FROM pg_catalog.pg_stat_activity
                """.formatted(
                        knowsBlockers() ? ", CASE WHEN " + waits() + " THEN pg_catalog.pg_blocking_pids(pid) END" : "");
        Map<Integer, Session> sessions = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                int pid = row.getInt(1);
                sessions.put(
                        pid,
                        new Session(
                                pid,
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6),
                                knowsBlockers() ? pids(row.getArray(7)) : blockers.apply(pid)));
            }
        }
        return sessions;
    }

    private static List<Integer> pids(Array array) throws SQLException {
        return array == null ? List.of() : List.of((Integer[]) array.getArray());
    }

    /**
     * Before 9.6, by the locks themselves: whoever has one that conflicts, and, since nobody can tell who came first, for us
     * also whoever waits for one.
     */
    private Function<Integer, List<Integer>> blockersByLocks(Connection connection) throws SQLException {
        Map<Integer, List<Integer>> blockers = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("""
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
                """)) {
            query.setString(1, server.applicationName());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (LockModes.conflict(row.getString(2), row.getString(4))
                            && (row.getBoolean(5) || row.getBoolean(6))) {
                        blockers.computeIfAbsent(row.getInt(1), waiter -> new ArrayList<>())
                                .add(row.getInt(3));
                    }
                }
            }
        }
        return pid -> blockers.getOrDefault(pid, List.of());
    }

    private static void closeQuietly(Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException gone) {
                // It only looked.
            }
        }
    }

    /** Ends the watch; does not wait for a server that does not answer. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
