package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Keeps one database's exported snapshot alive. It has a connection of its own, outside the pools, for as long as
 * anything of that database is read. For one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION">Snapshot
 *     synchronization functions</a>
 */
public final class SnapshotHolder implements AutoCloseable {
    private final Server server;
    private final DatabaseName database;
    private final Connection connection;
    private final String snapshot;

    private SnapshotHolder(Server server, DatabaseName database, Connection connection, String snapshot) {
        this.server = server;
        this.database = database;
        this.connection = connection;
        this.snapshot = snapshot;
    }

    /** Opens a transaction and exports its snapshot. */
    public static SnapshotHolder open(Server server, DatabaseName database) {
        Connection connection = server.open(database);
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            try (ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_export_snapshot()")) {
                row.next();
                return new SnapshotHolder(server, database, connection, row.getString(1));
            }
        } catch (SQLException failure) {
            closeQuietly(connection);
            throw server.failure(database, "exporting a snapshot", failure);
        }
    }

    /**
     * Has a transaction see what a holder's sees.
     *
     * @param statement of a transaction, on the same database, that has done nothing yet
     */
    public static void adopt(Statement statement, String snapshot) throws SQLException {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        statement.execute("SET TRANSACTION SNAPSHOT " + Sql.literal(snapshot));
    }

    /** The exported snapshot's identifier. */
    public String snapshot() {
        return snapshot;
    }

    /** The transaction itself, for a question that must see what the dump sees; not to be closed. */
    public Connection connection() {
        return connection;
    }

    /**
     * To be called after the last reader: a holder whose connection broke meanwhile has held nothing.
     *
     * @throws io.pgconvoy.config.PgconvoyException where the transaction is gone
     */
    public void confirm() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        } catch (SQLException failure) {
            throw server.failure(database, "holding the snapshot", failure);
        }
    }

    @Override
    public void close() {
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // The transaction was read-only; a broken connection has ended it as well.
        }
    }
}
