package io.pgconvoy.postgres.locks;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import java.util.List;

/** Tells who has locked the tables of a database so that nobody else may read them. */
final class LockHolders {
    private static final int SOME = 5;

    private static final String BRIEFLY = "2s";

    static final String HINT =
            "Have that session end its transaction, or raise --lock-wait-timeout; then run the same command again.";

    private LockHolders() {}

    /**
     * What to say where we have waited for as long as we may.
     *
     * @param session that waited; its transaction has failed
     */
    static PgconvoyException timedOut(Session session, SqlFailure failure) {
        String who;
        try {
            session.execute("ROLLBACK");
            who = asked(session);
        } catch (PgconvoyException gone) {
            failure.addSuppressed(gone);
            who = "";
        }
        return failure.with(
                session.place() + ": waited for more than "
                        + session.server().lockWait().toSeconds() + " s to read a table that somebody has locked" + who,
                HINT);
    }

    /** Who they are, after a colon, asked in a session beside that one; empty where that cannot be told. */
    static String told(Session session) {
        try (Session beside = session.server().session(session.database(), "looking who has locked tables")) {
            return asked(beside);
        } catch (PgconvoyException unknown) {
            return "";
        }
    }

    private static String asked(Session session) {
        // The server's catalogs may be what somebody has locked.
        session.set("lock_timeout", BRIEFLY);
        List<String> holders = session.list(
                """
                SELECT c.relkind, n.nspname, c.relname, l.pid, a.usename, a.state,
                       pg_catalog.to_char(COALESCE(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                  FROM pg_catalog.pg_locks l
                  JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
                  JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind <> 'c'
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'pg_toast'
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
                 ORDER BY 7, 2, 3 LIMIT %d
                """.formatted(SOME),
                row -> relation(row.getString(1)) + " " + Sql.qualified(row.getString(2), row.getString(3)) + " by "
                        + session(row.getInt(4), row.getString(5), row.getString(6), row.getString(7)));
        return holders.isEmpty() ? "" : ": " + String.join("; ", holders);
    }

    /** What pg_class.relkind stands for. */
    static String relation(String relkind) {
        return switch (relkind) {
            case "m" -> "materialized view";
            case "v" -> "view";
            case "S" -> "sequence";
            case "i", "I" -> "index";
            default -> "table";
        };
    }

    /** One session, for people; of a prepared transaction nothing but that it is one is known. */
    static String session(int pid, String user, String state, String since) {
        if (pid == 0) {
            return "a prepared transaction (see pg_prepared_xacts)";
        }
        return "session " + pid + (user == null ? "" : " of user \"" + user + "\"")
                + (state == null ? "" : ", " + state) + (since == null ? "" : ", in its transaction since " + since);
    }
}
