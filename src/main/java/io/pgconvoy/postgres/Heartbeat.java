package io.pgconvoy.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Connection connection;
    private final Duration pause;

    /** Of no use any more once the session is lost. */
    private final Set<Runnable> dependants = new LinkedHashSet<>();

    private Optional<SQLException> lost = Optional.empty();

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

    /** Returns whether there is anything to keep. */
    private boolean beat() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
            return true;
        } catch (SQLException failure) {
            try {
                // A transaction that has failed refuses it, and its session goes on.
                if (!connection.isClosed()) {
                    return true;
                }
            } catch (SQLException gone) {
                failure.addSuppressed(gone);
            }
            if (closed.getCount() > 0) {
                lose(failure);
            }
            return false;
        }
    }

    private void lose(SQLException failure) {
        List<Runnable> all;
        synchronized (this) {
            lost = Optional.of(failure);
            all = new ArrayList<>(dependants);
        }
        all.forEach(Runnable::run);
    }

    /** Has something done as soon as the session is found to be lost, until {@link #forget}. */
    void whenLost(Runnable end) {
        boolean late;
        synchronized (this) {
            dependants.add(end);
            late = lost.isPresent();
        }
        if (late) {
            end.run();
        }
    }

    synchronized void forget(Runnable end) {
        dependants.remove(end);
    }

    /** Why the session is lost. */
    synchronized Optional<SQLException> lost() {
        return lost;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
