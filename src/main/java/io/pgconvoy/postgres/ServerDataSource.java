package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a pool connect as everybody else does. Closed behind the pool: that does not wait for a connection that is being made,
 * and would leave it open once it is. Safe for use by many threads.
 */
final class ServerDataSource implements DataSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerDataSource.class);

    private final Server server;
    private final DatabaseName database;

    /** Whatever was made and may be open. */
    private final Set<Connection> made = Collections.newSetFromMap(new WeakHashMap<>());

    private boolean closed;

    ServerDataSource(Server server, DatabaseName database) {
        this.server = server;
        this.database = database;
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            Connection connection = server.connect(database);
            if (isTooLate(connection)) {
                connection.close();
                throw new SQLException("the pool of " + server.label() + ", database \"" + database + "\" is closed");
            }
            return connection;
        } catch (PgconvoyException refused) {
            // The pool tells only of failures that JDBC knows.
            throw new SQLException(refused.getMessage(), refused);
        }
    }

    private synchronized boolean isTooLate(Connection connection) {
        made.add(connection);
        return closed;
    }

    @Override
    public void close() {
        List<Connection> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(made);
        }
        for (Connection connection : left) {
            try {
                connection.close();
            } catch (SQLException gone) {
                log.debug("closing a pool's connection", gone);
            }
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the server knows its user");
    }

    @Override
    public PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // The driver logs by itself.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // The driver's properties hold it.
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public java.util.logging.Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("no java.util.logging");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("nothing is wrapped");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
