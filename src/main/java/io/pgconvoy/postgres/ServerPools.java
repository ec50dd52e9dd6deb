package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;

/**
 * Makes the session pools of one server, and keeps sessions on the database for questions about the whole server. Safe for
 * use by many threads.
 */
public final class ServerPools implements AutoCloseable {
    private final Server server;
    private final Server.Keeping keeping;

    /** Keeps one of these. */
    public ServerPools(Server server) {
        this(server, 1);
    }

    /**
     * Keeps several.
     *
     * @param kept how many sessions on the database for questions about the whole server, at least 1
     */
    public ServerPools(Server server, int kept) {
        this.server = server;
        this.keeping = server.keep(server.endpoint().database(), kept);
    }

    public Server server() {
        return server;
    }

    /**
     * Sessions on one database, opened as they are needed; the caller closes the pool.
     *
     * @param size the most at once
     */
    public SessionPool sessions(DatabaseName database, int size) {
        return new SessionPool(server, database, size);
    }

    @Override
    public void close() {
        keeping.close();
    }
}
