package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.time.Duration;
import java.util.Optional;

/**
 * What lets connections into one database, or keeps them out, looked at and changed in a session of its own on another
 * database. For one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-database.html">pg_database</a>
 */
final class DatabaseDoor implements AutoCloseable {
    /** Somebody else's open transaction may hold the database's row. */
    private static final String PATIENCE = "30s";

    /** Nobody cancels this, so a silent server must not have it wait for ever. */
    private static final Duration MOST = Duration.ofSeconds(40);

    /** An ALTER DATABASE or a GRANT of somebody else at the same time makes ours fail rather than wait. */
    private static final int ATTEMPTS = 5;

    private static final long PAUSE_MILLIS = 200;

    private final Session session;
    private final long oid;

    private DatabaseDoor(Session session, long oid) {
        this.session = session;
        this.oid = oid;
    }

    /** How a database is just now. */
    record State(String name, boolean allowsConnections, int connectionLimit) {}

    /**
     * Connects.
     *
     * @param oid the database's
     */
    static DatabaseDoor of(Server server, long oid) {
        Session session = server.session("opening or closing a database");
        try {
            session.set("lock_timeout", PATIENCE);
            session.limit(MOST);
            // What is written down as put back must survive a crash of the server, but need not be on its standbys.
            session.set("synchronous_commit", "local");
            return new DatabaseDoor(session, oid);
        } catch (RuntimeException failure) {
            session.close();
            throw failure;
        }
    }

    Session session() {
        return session;
    }

    /** Empty where the database is gone. */
    Optional<State> state() {
        return session.first(
                "SELECT datname, datallowconn, datconnlimit FROM pg_catalog.pg_database WHERE oid = ?::oid",
                row -> new State(row.getString(1), row.getBoolean(2), row.getInt(3)),
                String.valueOf(oid));
    }

    /** Whether the connection limit does not hold for us. */
    boolean isSuperuser() {
        return session.flag("SELECT pg_catalog.current_setting('is_superuser') = 'on'");
    }

    /** How many sessions of others are in it, as far as we may see them. */
    long guests() {
        // The server's own processes have no client's port.
        return session.number("""
                SELECT count(*) FROM pg_catalog.pg_stat_activity
                 WHERE datid = ?::oid AND client_port IS NOT NULL AND application_name <> ?
                """, String.valueOf(oid), session.server().applicationName());
    }

    /**
     * Changes both at once, so that there is no moment at which only one of them is changed. The statement goes by the
     * name, so it is taken back where that means another database by now.
     */
    void alter(String name, boolean allowConnections, int limit) {
        State wanted = new State(name, allowConnections, limit);
        for (int attempt = 1; ; attempt++) {
            try {
                session.committed(transaction -> {
                    transaction.execute(statement(name, allowConnections, limit));
                    if (!state().equals(Optional.of(wanted))) {
                        throw new DoorException(
                                "somebody gave its name to another database meanwhile, which is left alone");
                    }
                    return null;
                });
                return;
            } catch (SqlFailure failure) {
                if (!SqlState.isConcurrentUpdate(failure) || attempt == ATTEMPTS) {
                    throw failure;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException wish) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The statement that a user can run as well. */
    static String statement(String name, boolean allowConnections, int limit) {
        return "ALTER DATABASE " + Sql.identifier(name) + " WITH ALLOW_CONNECTIONS " + allowConnections
                + " CONNECTION LIMIT " + limit;
    }

    @Override
    public void close() {
        session.close();
    }
}
