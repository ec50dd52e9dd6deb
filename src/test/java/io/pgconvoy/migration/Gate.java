package io.pgconvoy.migration;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A table that somebody else has locked: who wants it waits until the gate is opened. */
final class Gate implements AutoCloseable {
    private final Connection connection;

    private Gate(Connection connection) {
        this.connection = connection;
    }

    /** Keeps pg_dump from dumping a database, and so other databases' deferred tables from being loaded. */
    static Gate beforeDump(EmbeddedServer source, String database, String table) throws SQLException {
        return take(source, database, "LOCK TABLE " + Quote.identifier(table) + " IN ACCESS EXCLUSIVE MODE");
    }

    /** Keeps a materialized view from being refreshed, which comes after the load and before the verification. */
    static Gate beforeRefresh(EmbeddedServer target, String database, String view) throws SQLException {
        // LOCK TABLE takes no views of this kind, and one that is not populated yet cannot be read.
        return take(target, database, "EXPLAIN SELECT FROM " + Quote.identifier(view));
    }

    private static Gate take(EmbeddedServer server, String database, String sql) throws SQLException {
        Connection connection = server.connect(database);
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            // The driver keeps a query's portal until the next statement, and the server its snapshot, for whose end
            // CREATE INDEX CONCURRENTLY would wait.
            statement.execute("SET LOCAL lock_timeout = 0");
            return new Gate(connection);
        } catch (SQLException failure) {
            connection.close();
            throw failure;
        }
    }

    /** Opens it; idempotent. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
