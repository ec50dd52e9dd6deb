package io.pgconvoy.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says a word now and then in a session that is idle for hours, but must not be lost: keepalives go unseen by proxies that
 * forget a connection without data. While the session is at a query, it waits for that.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Connection connection;
    private final Duration pause;

    private Heartbeat(Connection connection, Duration pause) {
        this.connection = connection;
        this.pause = pause;
    }

    static Heartbeat start(String name, Connection connection) {
        return start(name, connection, PAUSE);
    }

    static Heartbeat start(String name, Connection connection, Duration pause) {
        Heartbeat heartbeat = new Heartbeat(connection, pause);
        Thread thread = new Thread(heartbeat::run, name);
        thread.setDaemon(true);
        thread.start();
        return heartbeat;
    }

    private void run() {
        try {
            while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS) && beat()) {
                log.trace("{} goes on", Thread.currentThread().getName());
            }
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether there is anything to keep; who needs the session finds out by itself that it is gone. */
    private boolean beat() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
            return true;
        } catch (SQLException failure) {
            try {
                // A transaction that has failed refuses it, and its session goes on.
                return !connection.isClosed();
            } catch (SQLException gone) {
                return false;
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
