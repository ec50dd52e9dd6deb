package io.pgconvoy.migration;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
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

    private final Cancellation.Registration registration;
    private boolean closed;

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
            while (goesOn(server, connection)) {
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (SQLException | PgconvoyException unreachable) {
            log.debug("sessions on {} are not ended", server.label(), unreachable);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean goesOn(Server server, Connection connection) throws SQLException {
        if (!closed) {
            Leftovers.terminate(server, connection);
        }
        return !closed;
    }

    @Override
    public void close() {
        registration.close();
        synchronized (this) {
            closed = true;
        }
    }
}
