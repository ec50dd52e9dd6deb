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
import java.util.stream.Collectors;

/**
 * Keeps one database's exported snapshot alive. It has a connection of its own, outside the pools, for as long as
 * anything of that database is read. For one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION">Snapshot
 *     synchronization functions</a>
 */
public final class SnapshotHolder implements AutoCloseable {
    private static final String DOING = "exporting a snapshot";

    /** Statements of a bearable length, however many tables there are. */
    private static final int LOCKED_AT_ONCE = 500;

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
        return open(server, database, List.of(), new Cancellation());
    }

    /**
     * Opens a transaction, locks tables in it against being altered or dropped, and exports its snapshot.
     *
     * <p>The locks come first: a table that is truncated or rewritten while we wait for it would look empty to an older
     * snapshot. Locking does not take one.
     *
     * @param tables {@linkplain Sql#qualified quoted} names of tables that are read later than their neighbours
     * @throws PgconvoyException of kind SOURCE where a table is not there, naming it; of kind
     *     INTERRUPTED once cancelled
     */
    public static SnapshotHolder open(
            Server server, DatabaseName database, List<String> tables, Cancellation cancellation) {
        cancellation.check();
        Connection connection = server.open(database);
        try (Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            for (int from = 0; from < tables.size(); from += LOCKED_AT_ONCE) {
                lock(server, database, statement, tables.subList(from, Math.min(from + LOCKED_AT_ONCE, tables.size())));
            }
            try (ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_export_snapshot()")) {
                row.next();
                return new SnapshotHolder(server, database, connection, row.getString(1));
            }
        } catch (SQLException failure) {
            closeQuietly(connection);
            cancellation.check();
            throw server.failure(
                    database, tables.isEmpty() ? DOING : "locking the deferred tables or " + DOING, failure);
        } catch (RuntimeException failure) {
            closeQuietly(connection);
            throw failure;
        }
    }

    private static void lock(Server server, DatabaseName database, Statement statement, List<String> tables)
            throws SQLException {
        try {
            statement.execute("LOCK TABLE "
                    + tables.stream().map(table -> "ONLY " + table).collect(Collectors.joining(", "))
                    + " IN ACCESS SHARE MODE");
        } catch (SQLException failure) {
            if (!SqlState.isUnknownTable(failure)) {
                throw failure;
            }
            statement.execute("ROLLBACK");
            List<String> missing = missing(statement, tables);
            throw new PgconvoyException(
                    ErrorKind.of(server.side()),
                    server.label() + ", database \"" + database + "\": "
                            + (missing.isEmpty()
                                    ? "a deferred table was replaced"
                                    : "deferred tables were dropped or renamed: " + String.join(", ", missing))
                            + " while the dump began",
                    "Run the same command again.",
                    failure);
        }
    }

    /** Which of the tables are not there; the server's message may name but the first one's schema. */
    private static List<String> missing(Statement statement, List<String> tables) throws SQLException {
        String query = tables.stream()
                .map(table -> "SELECT " + Sql.literal(table) + "::text WHERE pg_catalog.to_regclass("
                        + Sql.literal(table) + ") IS NULL")
                .collect(Collectors.joining(" UNION ALL "));
        List<String> missing = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                missing.add(row.getString(1));
            }
        }
        return missing;
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
     * @throws PgconvoyException where the transaction is gone
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
