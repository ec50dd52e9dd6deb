package io.pgconvoy.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.sql.SQLException;

/** Sessions on one database that are opened as they are needed, and used again. Safe for use by many threads. */
public final class SessionPool implements AutoCloseable {
    private final Server server;
    private final DatabaseName database;
    private final HikariDataSource pool;

    SessionPool(Server server, DatabaseName database, HikariDataSource pool) {
        this.server = server;
        this.database = database;
        this.pool = pool;
    }

    /**
     * Waits for a free session, a minute at most; closing it gives it back.
     *
     * @param doing what it is for, as failures name it
     */
    public Session session(String doing) {
        try {
            return new Session(server, database, pool.getConnection(), doing);
        } catch (SQLException failure) {
            if (server.isBrokenOff()) {
                throw Cancellation.interrupted();
            }
            throw server.failure(database, doing, failure);
        }
    }

    public DatabaseName database() {
        return database;
    }

    public Server server() {
        return server;
    }

    @Override
    public void close() {
        pool.close();
    }
}
