package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Tells who has locked the tables of a database so that nobody else may read them. */
final class LockHolders {
    private static final int SOME = 5;

    private LockHolders() {}

    /**
     * What to say where we have waited for as long as we may.
     *
     * @param connection that waited; its transaction has failed
     */
    static PgconvoyException timedOut(
            Server server, DatabaseName database, Connection connection, SQLException failure) {
        String who;
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
            List<String> holders = list(statement);
            who = holders.isEmpty() ? "" : ": " + String.join("; ", holders);
        } catch (SQLException gone) {
            failure.addSuppressed(gone);
            who = "";
        }
        return new PgconvoyException(
                ErrorKind.of(server.side()),
                server.label() + ", database \"" + database + "\": waited for more than "
                        + server.lockWait().toSeconds() + " s to read a table that somebody has locked" + who,
                "Have that session end its transaction, or raise --lock-wait-timeout; then run the same command again.",
                failure);
    }

    private static List<String> list(Statement statement) throws SQLException {
        List<String> holders = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("""
                SELECT n.nspname, c.relname, l.pid, a.usename, a.state,
                       pg_catalog.to_char(COALESCE(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS TZ')
                  FROM pg_catalog.pg_locks l
                  JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
                  JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'm', 'v')
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
                 ORDER BY 6, 1, 2 LIMIT %d
                """.formatted(SOME))) {
            while (row.next()) {
                holders.add("table " + Sql.qualified(row.getString(1), row.getString(2)) + " by "
                        + session(row.getInt(3), row.getString(4), row.getString(5), row.getString(6)));
            }
        }
        return holders;
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
