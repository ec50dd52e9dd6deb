package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A session that changes a database in which clients are at work, statement by statement, with {@link LockPatience} where
 * that is wished. For one thread at a time.
 */
final class ChangeSession implements AutoCloseable {
    private final Connection connection;
    private final Cancellation cancellation;
    private final LockPatience patience;

    private ChangeSession(Connection connection, Cancellation cancellation, Duration patience) {
        this.connection = connection;
        this.cancellation = cancellation;
        this.patience = new LockPatience(patience, cancellation);
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
            for (Map.Entry<String, String> setting : quiet(server, connection).entrySet()) {
                session.set(setting.getKey(), setting.getValue());
            }
            return session;
        } catch (SQLException failure) {
            session.close();
            throw server.failure(database, "preparing a session", failure);
        }
    }

    /**
     * The settings under which users' triggers stay silent, but event triggers that are enabled always, before version 17;
     * empty where the role may not set them.
     */
    static Map<String, String> quiet(Server server, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("RESET session_replication_role");
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("session_replication_role", "replica");
            if (server.version().isAtLeast(ServerVersion.V17) && isSuperuser(statement)) {
                settings.put("event_triggers", "off");
            }
            return settings;
        } catch (SQLException refused) {
            if (SqlState.isPrivilege(refused)) {
                return Map.of();
            }
            throw refused;
        }
    }

    private static boolean isSuperuser(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT current_setting('is_superuser') = 'on'")) {
            row.next();
            return row.getBoolean(1);
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
                var registration = cancellation.breaksOff(connection)) {
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
        execute("SET lock_timeout = " + LockPatience.LOCK_TIMEOUT.toMillis());
        try (Transaction.Undo patient = () -> execute("SET lock_timeout = 0")) {
            patience.insist(() -> {
                execute(sql);
                return null;
            });
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
