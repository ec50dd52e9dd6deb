package io.pgconvoy.migration;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Once the run is cancelled, ends its sessions on the servers, again and again until closed. Counting and analyzing cancel
 * their own queries; every other statement may wait for somebody's lock, a CREATE ROLE as well as a DROP DATABASE, and
 * would be waited for. After {@link #close} no session is touched any more.
 */
final class SessionBreaker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SessionBreaker.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** For a question that takes no time. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    private final Cancellation.Registration registration;
    private boolean closed;

    /** Requests under way. */
    private int asking;

    SessionBreaker(Cancellation cancellation, List<Server> servers) {
        registration = cancellation.onCancel(() -> servers.forEach(this::start));
    }

    private void start(Server server) {
        // A thread for each: the one server may be unreachable, and that takes its time.
        Thread thread = new Thread(
                () -> breakOff(server), "session-breaker-" + server.side().label());
        thread.setDaemon(true);
        thread.start();
    }

    private void breakOff(Server server) {
        try (Connection connection = server.open()) {
            connection.setNetworkTimeout(Runnable::run, (int) ANSWER_TIMEOUT.toMillis());
            while (goesOn(server, connection)) {
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (SQLException | PgconvoyException unreachable) {
            log.debug("sessions on {} are not ended", server.label(), unreachable);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean goesOn(Server server, Connection connection) throws SQLException {
        synchronized (this) {
            if (closed) {
                return false;
            }
            asking++;
        }
        try {
            Leftovers.terminate(server, connection);
        } finally {
            synchronized (this) {
                asking--;
                notifyAll();
            }
        }
        return true;
    }

    /** A request that is under way is waited for, but not for longer than a server that answers takes. */
    @Override
    public void close() {
        registration.close();
        long deadline = System.nanoTime() + ANSWER_TIMEOUT.toNanos();
        boolean interrupted = false;
        synchronized (this) {
            closed = true;
            for (long left = ANSWER_TIMEOUT.toMillis();
                    asking > 0 && left > 0;
                    left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
                try {
                    wait(left);
                } catch (InterruptedException wish) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
