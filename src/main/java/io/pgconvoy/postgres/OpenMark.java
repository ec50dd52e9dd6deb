package io.pgconvoy.postgres;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says on a server that a run holds a database open there that refuses connections otherwise, and what its connection limit
 * was: shared advisory locks of a session that lives as long as that is so. So other runs, wherever they were started, do not
 * take it for open, and the last one closes it. Everybody sees these locks, in whatever database they are taken, and a
 * standby has them, too.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">Advisory Locks</a>
 */
public final class OpenMark {
    /** Spells pgop; the second key is the database's OID. Beside it, one of 64 bits has the OID and the limit. */
    private static final int OPEN = 0x7067_6f70;

    /** Spells pgow; the second key stands for the migration whose session it is. */
    private static final int OWNER = 0x7067_6f77;

    private OpenMark() {}

    /**
     * The databases that runs hold open just now.
     *
     * @return by OID, the connection limits that they had before
     */
    public static Map<Long, Integer> limitsBefore(Session session) {
        return limits(session, "");
    }

    /** The same of all sessions but this one and those of one migration. */
    public static Map<Long, Integer> limitsBeforeOthers(Session session, int owner) {
        return limits(session, """
                 AND m.pid <> pg_catalog.pg_backend_pid() AND m.pid NOT IN (
                     SELECT o.pid FROM pg_catalog.pg_locks o
                      WHERE o.locktype = 'advisory' AND o.classid = %d AND o.objid::bigint = %s AND o.objsubid = 2)
                """.formatted(OWNER, Integer.toUnsignedString(owner)));
    }

    private static Map<Long, Integer> limits(Session session, String also) {
        String sql = """
                SELECT m.objid::bigint, max(l.objid::bigint)
                  FROM pg_catalog.pg_locks m
                  JOIN pg_catalog.pg_locks l ON l.pid = m.pid AND l.locktype = 'advisory' AND l.classid = m.objid
                       AND l.objsubid = 1 AND l.granted
                 WHERE m.locktype = 'advisory' AND m.classid = %d AND m.objsubid = 2 AND m.granted %s
                 GROUP BY 1
                """.formatted(OPEN, also);
        Map<Long, Integer> limits = new HashMap<>();
        session.each(sql, row -> limits.put(row.getLong(1), (int) row.getLong(2)));
        return limits;
    }

    /** Who else holds a database open: its session, where it comes from and since when, as far as we may see that. */
    public static Optional<String> otherHolder(Session session, long oid) {
        String sql = """
                SELECT m.pid, pg_catalog.host(a.client_addr),
                       pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')
                  FROM pg_catalog.pg_locks m LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = m.pid
                 WHERE m.locktype = 'advisory' AND m.classid = %d AND m.objid::bigint = ? AND m.objsubid = 2 AND m.granted
                   AND m.pid <> pg_catalog.pg_backend_pid()
                 ORDER BY 1
                """.formatted(OPEN);
        return session.first(
                sql,
                row -> "its session " + row.getInt(1)
                        + row.text(2).map(host -> " from " + host).orElse("")
                        + row.text(3).map(time -> ", since " + time).orElse(""),
                oid);
    }

    /**
     * Says whose session this is, and ends others of the same migration: a killed run's, of which the server does not know
     * yet that its process is gone.
     */
    public static void introduce(Session session, int owner) {
        String sql = """
                SELECT pg_catalog.pg_terminate_backend(a.pid)
                  FROM pg_catalog.pg_locks o JOIN pg_catalog.pg_stat_activity a ON a.pid = o.pid
                 WHERE o.locktype = 'advisory' AND o.classid = %d AND o.objid::bigint = %s AND o.objsubid = 2
                   AND o.pid <> pg_catalog.pg_backend_pid() AND a.usename = session_user
                """.formatted(OWNER, Integer.toUnsignedString(owner));
        session.execute("SELECT pg_catalog.pg_advisory_lock_shared(" + OWNER + ", " + owner + ")");
        session.execute(sql);
    }

    /** Marks a database as held open by this session. */
    public static void put(Session session, long oid, int limitBefore) {
        change(session, "pg_advisory_lock_shared", oid, limitBefore);
    }

    /** Takes the mark away. */
    public static void remove(Session session, long oid, int limitBefore) {
        change(session, "pg_advisory_unlock_shared", oid, limitBefore);
    }

    private static void change(Session session, String function, long oid, int limit) {
        long both = oid << 32 | Integer.toUnsignedLong(limit);
        session.execute("SELECT pg_catalog." + function + "(" + both + "), pg_catalog." + function + "(" + OPEN + ", "
                + (int) oid + ")");
    }
}
