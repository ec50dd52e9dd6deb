package io.pgconvoy.postgres.locks;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.UnsettledException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The locks that keep all tables of a database from being altered, truncated or dropped while a snapshot is read. They come
 * before the snapshot: a table that is rewritten while we wait for it would look empty to an older one. Locking itself takes
 * no snapshot, nor does a savepoint.
 */
final class TableLocks {
    /** Statements of a bearable length, however many tables there are. */
    private static final int AT_ONCE = 500;

    /** For a table that was made since the list was: whoever has it, has had it for a moment only. */
    private static final String BRIEFLY = "5s";

    /** How long a session that has locked tables waits for another one: who wants to alter one of those waits for it. */
    static final Duration AMONG_LOCKS = Duration.ofSeconds(2);

    private static final int SOME = 5;

    private final Session session;
    private final Duration lockWait;

    TableLocks(Session session) {
        this.session = session;
        this.lockWait = session.server().lockWait();
    }

    /** The names, quoted, of all tables that pg_dump locks, by OID; asked outside of the transaction to come. */
    private Map<Long, String> list() {
        Map<Long, String> tables = new HashMap<>();
        session.each(
                tables("c.oid, n.nspname, c.relname", "true"),
                row -> tables.put(row.getLong(1), Sql.qualified(row.getString(2), row.getString(3))));
        return tables;
    }

    /** The quoted names of those for which something is so. */
    private List<String> names(String condition) {
        return session.list(
                tables("n.nspname, c.relname", condition), row -> Sql.qualified(row.getString(1), row.getString(2)));
    }

    /**
     * Begins a transaction with a lock on each table. Where somebody is in the way it waits for that table alone: whoever wants
     * to alter another one would wait for us meanwhile, and everybody else behind that.
     *
     * @throws SqlFailure lock_not_available where that has taken longer than the server's lock wait
     */
    void begin() {
        long begun = System.nanoTime();
        while (true) {
            List<String> tables = List.copyOf(list().values());
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            session.execute("SET LOCAL lock_timeout = " + atMost(AMONG_LOCKS, begun));
            try {
                lock(tables);
                session.execute("SET LOCAL lock_timeout TO DEFAULT");
                return;
            } catch (SqlFailure failure) {
                if (!SqlState.isLockNotAvailable(failure) || isOver(begun)) {
                    throw failure;
                }
                session.execute("ROLLBACK");
                awaitAlone(begun);
            }
        }
    }

    private boolean isOver(long begun) {
        return !lockWait.isZero() && System.nanoTime() - begun >= lockWait.toNanos();
    }

    /** In milliseconds, for lock_timeout: what is left of the server's lock wait, and no more than given; 0 is without end. */
    private long atMost(Duration most, long begun) {
        if (lockWait.isZero()) {
            return most.toMillis();
        }
        long left = lockWait.minusNanos(System.nanoTime() - begun).toMillis();
        return Math.max(1, most.isZero() ? left : Math.min(most.toMillis(), left));
    }

    private void awaitAlone(long begun) {
        for (String table : heldByOthers()) {
            session.execute("BEGIN");
            session.execute("SET LOCAL lock_timeout = " + atMost(Duration.ZERO, begun));
            tryLock(List.of(table));
            session.execute("ROLLBACK");
        }
    }

    /** The quoted names of tables that somebody has, or wants to have, for himself. */
    private List<String> heldByOthers() {
        return names("c.oid IN (SELECT l.relation FROM pg_catalog.pg_locks l"
                + " JOIN pg_catalog.pg_database b ON b.oid = l.database"
                + " AND b.datname = pg_catalog.current_database()"
                + " WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock')");
    }

    /** Waits for each of them; those that are gone by now are left out. */
    private void lock(List<String> tables) {
        for (int from = 0; from < tables.size(); from += AT_ONCE) {
            List<String> some = tables.subList(from, Math.min(from + AT_ONCE, tables.size()));
            if (!tryLock(some)) {
                for (String one : some) {
                    tryLock(List.of(one));
                }
            }
        }
    }

    /** @return whether all of them are there */
    private boolean tryLock(List<String> tables) {
        try {
            session.kept(inside -> inside.execute(sql(tables, false)));
            return true;
        } catch (SqlFailure failure) {
            if (!SqlState.isUnknownTable(failure)) {
                throw failure;
            }
            return false;
        }
    }

    /** The statement that locks tables for reading; NOWAIT fails where it would have to wait. */
    static String sql(List<String> tables, boolean noWait) {
        return "LOCK TABLE "
                + tables.stream().map(table -> "ONLY " + table).collect(Collectors.joining(", "))
                + " IN ACCESS SHARE MODE" + (noWait ? " NOWAIT" : "");
    }

    /** Locks tables that nobody else can have or await; fails at once where somebody does. */
    static void lockAtOnce(Session session, List<String> tables) {
        for (int from = 0; from < tables.size(); from += AT_ONCE) {
            session.execute(sql(tables.subList(from, Math.min(from + AT_ONCE, tables.size())), true));
        }
    }

    /**
     * To be called in the snapshot: locks the tables that were made after the list, and looks whether any table was
     * rewritten after the snapshot, which would then show nothing.
     *
     * @return the quoted names of all tables of the snapshot
     * @throws UnsettledException where a table is not what the snapshot takes it for
     */
    List<String> complete() {
        Map<Long, String> all = list();
        Map<Long, String> rest = new HashMap<>(all);
        rest.keySet().removeAll(locked());
        if (!rest.isEmpty()) {
            session.execute("SET LOCAL lock_timeout = '" + BRIEFLY + "'");
            try {
                session.execute(sql(List.copyOf(rest.values()), false));
                session.execute("SET LOCAL lock_timeout TO DEFAULT");
            } catch (SqlFailure failure) {
                if (SqlState.isUnknownTable(failure) || SqlState.isLockNotAvailable(failure)) {
                    throw unsettled("tables are made and changed at this moment: " + some(List.copyOf(rest.values())));
                }
                throw failure;
            }
        }
        // The function tells of the present, the catalog's row of the snapshot.
        List<String> rewritten = names("c.relkind = 'r' AND c.relfilenode <> 0"
                + " AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid)");
        if (!rewritten.isEmpty()) {
            throw unsettled("tables were rewritten while the snapshot was taken: " + some(rewritten));
        }
        return List.copyOf(all.values());
    }

    private List<Long> locked() {
        return session.list("""
                SELECT relation FROM pg_catalog.pg_locks
                 WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
                """, row -> row.getLong(1));
    }

    private UnsettledException unsettled(String what) {
        return new UnsettledException(new PgconvoyException(
                ErrorKind.of(session.server().side()),
                session.place() + ": " + what,
                "Run the same command again when nobody alters tables."));
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(SOME, names.size()))) + (names.size() > SOME ? ", ..." : "");
    }

    /** Those that hold or stand for rows which a dump carries over, as far as the user may read them. */
    private static String tables(String what, String condition) {
        return """
                SELECT %s
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
                   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                   AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                   AND (NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                       AND d.objid = c.oid AND d.deptype = 'e')
                        OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig)))
                   AND (%s)
                """.formatted(what, condition);
    }
}
