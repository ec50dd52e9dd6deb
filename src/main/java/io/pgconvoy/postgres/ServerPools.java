package io.pgconvoy.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Makes the connection pools of one server: one small pool a database, closed by its user when the database is
 * finished. All share one housekeeping thread. Safe for use by many threads.
 */
public final class ServerPools implements AutoCloseable {
    private final Server server;
    private final ScheduledExecutorService housekeeper;

    public ServerPools(Server server) {
        this.server = server;
        this.housekeeper = Daemon.scheduler("pool-" + server.side().label());
    }

    public Server server() {
        return server;
    }

    /**
     * A pool of connections to one database, opened as they are needed; the caller closes it.
     *
     * @param size the most connections at once
     */
    public HikariDataSource pool(DatabaseName database, int size) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(server.side().label() + "-" + database);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setIdleTimeout(Duration.ofSeconds(30).toMillis());
        config.setConnectionTimeout(Duration.ofMinutes(1).toMillis());
        config.setScheduledExecutor(housekeeper);
        ServerDataSource connections = new ServerDataSource(server, database);
        config.setDataSource(connections);
        return new HikariDataSource(config) {
            @Override
            public Connection getConnection() throws SQLException {
                return server.cancellation().interruptible(super::getConnection);
            }

            @Override
            public void close() {
                super.close();
                connections.close();
            }
        };
    }

    /** The same as sessions. */
    public SessionPool sessions(DatabaseName database, int size) {
        return new SessionPool(server, database, pool(database, size));
    }

    @Override
    public void close() {
        housekeeper.shutdownNow();
    }
}
