package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** So many sessions on one database that are opened as they are needed, and used again. Safe for use by many threads. */
public final class SessionPool implements AutoCloseable {
    private final Server server;
    private final DatabaseName database;
    private final Semaphore free;
    private final Server.Keeping keeping;

    SessionPool(Server server, DatabaseName database, int size) {
        this.server = server;
        this.database = database;
        this.free = new Semaphore(size, true);
        this.keeping = server.keep(database, size);
    }

    /**
     * Waits for a free session; closing it gives it back.
     *
     * @param doing what it is for, as failures name it
     */
    public Session session(String doing) {
        server.cancellation().await(free::acquire);
        try {
            Session session = server.shared(database, doing);
            return session.endingWith(() -> {
                session.close();
                free.release();
            });
        } catch (RuntimeException | Error failure) {
            free.release();
            throw failure;
        }
    }

    /** Does what has one session of its own elsewhere, a tool's, in the place of one of these. */
    public <T> T instead(Supplier<T> work) {
        server.cancellation().await(free::acquire);
        try (Server.Keeping fewer = server.keepFewer(database)) {
            return work.get();
        } finally {
            free.release();
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
        keeping.close();
    }
}
