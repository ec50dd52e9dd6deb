package io.pgconvoy.postgres;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks everything in flight to stop: whoever waits in a query, a COPY or a child process registers how to break that
 * off, because interrupting the thread would not. Safe for use by many threads.
 */
public final class Cancellation {
    private static final Logger log = LoggerFactory.getLogger(Cancellation.class);

    private final Set<Registration> registrations = new LinkedHashSet<>();
    private volatile boolean cancelled;

    /** Ends a registration. */
    public final class Registration implements AutoCloseable {
        private final Action action;

        private Registration(Action action) {
            this.action = action;
        }

        @Override
        public void close() {
            synchronized (Cancellation.this) {
                registrations.remove(this);
            }
        }
    }

    /** How to break something off; must return soon. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /** A wait that an interrupt ends. */
    @FunctionalInterface
    public interface Wait {
        void run() throws InterruptedException;
    }

    /**
     * Waits for something that knows nothing of cancellation, in this thread.
     *
     * @throws PgconvoyException of kind INTERRUPTED when cancelled or interrupted meanwhile
     */
    public void await(Wait wait) {
        Thread waiting = Thread.currentThread();
        try (var registration = onCancel(waiting::interrupt)) {
            wait.run();
        } catch (InterruptedException wish) {
            throw interrupted();
        } finally {
            // The flag has done its work; what cleans up reads and writes files, which an interrupted thread cannot.
            if (isCancelled()) {
                Thread.interrupted();
            }
        }
    }

    /** Breaks off, from another thread, whatever a connection is at; it is of no further use. */
    public static void breakOff(Connection connection) throws SQLException {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } finally {
            // Between two statements there is nothing to cancel; the next one must fail, too.
            connection.abort(Runnable::run);
        }
    }

    /** Registers what to do on cancellation; done at once where that has happened already. */
    public synchronized Registration onCancel(Action action) {
        Registration registration = new Registration(action);
        registrations.add(registration);
        if (cancelled) {
            run(registration);
        }
        return registration;
    }

    /**
     * Cancels; later calls do nothing. The actions run while the lock is held, so that a registration that is closed is
     * certain not to act afterwards: a late interrupt would hit what cleans up.
     */
    public synchronized void cancel() {
        if (!cancelled) {
            cancelled = true;
            new ArrayList<>(registrations).forEach(Cancellation::run);
        }
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * To be called between steps.
     *
     * @throws PgconvoyException of kind INTERRUPTED once cancelled
     */
    public void check() {
        if (isCancelled()) {
            throw interrupted();
        }
    }

    /** Why something failed: once cancelled, whatever fails was broken off. */
    public PgconvoyException cause(PgconvoyException failure) {
        return isCancelled() ? interrupted() : failure;
    }

    /** The failure that an interrupted run ends with. */
    public static PgconvoyException interrupted() {
        return new PgconvoyException(
                ErrorKind.INTERRUPTED, "interrupted", "Run the same command again to go on where it stopped.");
    }

    private static void run(Registration registration) {
        try {
            registration.action.run();
        } catch (Exception failure) {
            log.debug("cancelling failed", failure);
        }
    }
}
