package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A session that changes a database in which clients are at work: it never waits long for a lock, since everybody who
 * comes later would queue up behind it, but tries again. For one thread at a time.
 */
final class ChangeSession implements AutoCloseable {
    /** More than deadlock_timeout (1 s), after which the server has an autovacuum that is in the way give up. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(3);

    private static final Duration PAUSE = Duration.ofSeconds(1);
    static final Duration PATIENCE = Duration.ofMinutes(10);

    /** The lock is not to be had, or two sessions wait for each other. */
    private static final Set<String> BLOCKED = Set.of("55P03", "40P01");

    private final Connection connection;
    private final Cancellation cancellation;
    private final Duration patience;

    private ChangeSession(Connection connection, Cancellation cancellation, Duration patience) {
        this.connection = connection;
        this.cancellation = cancellation;
        this.patience = patience;
    }

    /**
     * Opens one in which users' event triggers do not fire, where the role may decide that.
     *
     * @param patience for how long a statement is tried again
     */
    static ChangeSession open(Server server, DatabaseName database, Cancellation cancellation, Duration patience) {
        Connection connection = server.open(database);
        ChangeSession session = new ChangeSession(connection, cancellation, patience);
        try {
            for (Map.Entry<String, String> setting : quiet(connection).entrySet()) {
                session.set(setting.getKey(), setting.getValue());
            }
            return session;
        } catch (SQLException failure) {
            session.close();
            throw server.failure(database, "preparing a session", failure);
        }
    }

    /** The settings under which users' triggers stay silent; empty where the role may not set them. */
    static Map<String, String> quiet(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("RESET session_replication_role");
            return Map.of("session_replication_role", "replica");
        } catch (SQLException refused) {
            if (SqlState.isPrivilege(refused)) {
                return Map.of();
            }
            throw refused;
        }
    }

    Connection connection() {
        return connection;
    }

    void set(String name, String value) throws SQLException {
        execute("SET " + Sql.identifier(name) + " = " + Sql.literal(value));
    }

    /** Executes a statement once, for however long it waits. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                var registration = cancellation.onCancel(statement::cancel)) {
            // A brace in a definition is no JDBC escape.
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException failure) {
            cancellation.check();
            throw failure;
        }
    }

    /** Executes a statement, trying again as long as there is patience and a lock is not to be had. */
    void executePatiently(String sql) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        execute("SET lock_timeout = " + LOCK_TIMEOUT.toMillis());
        try {
            while (true) {
                cancellation.check();
                try {
                    execute(sql);
                    return;
                } catch (SQLException failure) {
                    if (!BLOCKED.contains(failure.getSQLState()) || System.nanoTime() > deadline) {
                        throw failure;
                    }
                }
                pause();
            }
        } finally {
            if (!connection.isClosed()) {
                execute("SET lock_timeout = 0");
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException gone) {
            // Each statement was a transaction of its own; a broken connection has nothing left to lose.
        }
    }
}
