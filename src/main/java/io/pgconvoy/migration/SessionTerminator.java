package io.pgconvoy.migration;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Once the run is cancelled, ends its sessions on the servers, again and again until closed. Counting and analyzing cancel
 * their own queries; every other statement may wait for somebody's lock, a CREATE ROLE as well as a DROP DATABASE, and
 * would be waited for. After {@link #close} no session is touched any more.
 */
final class SessionTerminator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SessionTerminator.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** For a question that takes no time. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    private final Cancellation.Registration registration;

    /** Read by requests that are under way, and written by the close. */
    private final ReadWriteLock asking = new ReentrantReadWriteLock();

    private volatile boolean closed;

    SessionTerminator(Cancellation cancellation, List<Server> servers) {
        // A thread for each: the one server may be unreachable, and that takes its time.
        registration = cancellation.onCancel(() -> servers.forEach(server ->
                Daemon.start("session-terminator-" + server.side().label(), daemon -> terminate(server, daemon))));
    }

    private void terminate(Server server, Daemon daemon) {
        // A session that is lost, or whose question takes too long, is followed by the next one.
        do {
            try (Session session = server.undisturbed().session("ending this run's sessions")) {
                session.limit(ANSWER_TIMEOUT);
                while (ask(session) && daemon.goesOn(INTERVAL)) {}
            } catch (PgconvoyException unreachable) {
                log.debug("sessions on {} are not ended", server.label(), unreachable);
            }
        } while (!closed && daemon.goesOn(INTERVAL));
    }

    private boolean ask(Session session) {
        asking.readLock().lock();
        try {
            if (!closed) {
                Leftovers.terminate(session);
            }
            return !closed;
        } finally {
            asking.readLock().unlock();
        }
    }

    /** A request that is under way is waited for, but not for longer than a server that answers takes. */
    @Override
    public void close() {
        registration.close();
        closed = true;
        boolean interrupted = Thread.interrupted();
        try {
            if (asking.writeLock().tryLock(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                asking.writeLock().unlock();
            }
        } catch (InterruptedException again) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
