package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
    private static final int MOST_MILLIS = 40_000;

    /** An ALTER DATABASE or a GRANT of somebody else at the same time makes ours fail rather than wait. */
    private static final int ATTEMPTS = 5;

    private static final long PAUSE_MILLIS = 200;

    private final Server server;
    private final Connection connection;
    private final long oid;

    private DatabaseDoor(Server server, Connection connection, long oid) {
        this.server = server;
        this.connection = connection;
        this.oid = oid;
    }

    /** How a database is just now. */
    record State(String name, boolean allowsConnections, int connectionLimit) {}

    /**
     * Connects.
     *
     * @param oid the database's
     */
    static DatabaseDoor of(Server server, long oid) throws SQLException {
        Connection connection = server.open();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '" + PATIENCE + "'");
            connection.setNetworkTimeout(Runnable::run, MOST_MILLIS);
            // What is written down as put back must survive a crash of the server, but need not be on its standbys.
            statement.execute("SET synchronous_commit = local");
            return new DatabaseDoor(server, connection, oid);
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    Connection connection() {
        return connection;
    }

    /** Empty where the database is gone. */
    Optional<State> state() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT datname, datallowconn, datconnlimit FROM pg_catalog.pg_database WHERE oid = ?::oid")) {
            query.setString(1, String.valueOf(oid));
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? Optional.of(new State(row.getString(1), row.getBoolean(2), row.getInt(3)))
                        : Optional.empty();
            }
        }
    }

    /** Whether the connection limit does not hold for us. */
    boolean isSuperuser() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.current_setting('is_superuser') = 'on'")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** How many sessions of others are in it, as far as we may see them. */
    int guests() throws SQLException {
        // The server's own processes have no client's port.
        String sql = """
                SELECT count(*) FROM pg_catalog.pg_stat_activity
                 WHERE datid = ?::oid AND client_port IS NOT NULL AND application_name <> ?
                """;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, String.valueOf(oid));
            query.setString(2, server.applicationName());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /**
     * Changes both at once, so that there is no moment at which only one of them is changed. The statement goes by the
     * name, so it is taken back where that means another database by now.
     */
    void alter(String name, boolean allowConnections, int limit) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                statement.execute("BEGIN");
                try {
                    statement.execute(statement(name, allowConnections, limit));
                    boolean same = state().filter(now -> now.name().equals(name))
                            .filter(now ->
                                    now.allowsConnections() == allowConnections && now.connectionLimit() == limit)
                            .isPresent();
                    statement.execute(same ? "COMMIT" : "ROLLBACK");
                    if (same) {
                        return;
                    }
                } catch (SQLException failure) {
                    rollBack(statement, failure);
                    throw failure;
                }
                throw new SQLException("somebody gave its name to another database meanwhile, which is left alone");
            } catch (SQLException failure) {
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

    private static void rollBack(Statement statement, SQLException cause) {
        try {
            statement.execute("ROLLBACK");
        } catch (SQLException lost) {
            cause.addSuppressed(lost);
        }
    }

    /** The statement that a user can run as well. */
    static String statement(String name, boolean allowConnections, int limit) {
        return "ALTER DATABASE " + Sql.identifier(name) + " WITH ALLOW_CONNECTIONS " + allowConnections
                + " CONNECTION LIMIT " + limit;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
