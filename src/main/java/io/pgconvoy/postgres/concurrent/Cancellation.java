package io.pgconvoy.postgres.concurrent;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks everything in flight to stop: whoever waits in a query, a COPY or a child process registers how to break that
 * off, because interrupting the thread would not. Safe for use by many threads.
 *
 * <p>It has {@linkplain #scope scopes}, each for some of the work: who works in one and registers with the whole, or asks
 * it, has registered with the scope and asked that. So a class that was given the run's cancellation once is also reached
 * by what ends a part of the run.
 */
public final class Cancellation {
    private static final Logger log = LoggerFactory.getLogger(Cancellation.class);

    /** What a silent server has to take a request to cancel, until its connection is closed here. */
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(2);

    /** The scope that a thread works in. */
    private static final ThreadLocal<Cancellation> SCOPE = new ThreadLocal<>();

    private final Optional<Cancellation> whole;
    private final Set<Debt> debts = new LinkedHashSet<>();
    private final Set<Registration> registrations = new LinkedHashSet<>();
    private volatile boolean cancelled;

    public Cancellation() {
        this(Optional.empty());
    }

    private Cancellation(Optional<Cancellation> whole) {
        this.whole = whole;
    }

    /** Ends a registration. */
    public static final class Registration implements AutoCloseable {
        private enum State {
            WAITING,
            ACTING,
            OVER
        }

        private final Cancellation registry;
        private final Action action;
        private State state = State.WAITING;
        private Thread acting = Thread.currentThread();

        private Registration(Cancellation registry, Action action) {
            this.registry = registry;
            this.action = action;
        }

        private void act() {
            synchronized (this) {
                if (state != State.WAITING) {
                    return;
                }
                state = State.ACTING;
                acting = Thread.currentThread();
            }
            try {
                action.run();
            } catch (Exception failure) {
                log.debug("cancelling failed", failure);
            } finally {
                synchronized (this) {
                    state = State.OVER;
                    notifyAll();
                }
            }
        }

        /**
         * Afterwards the action is certain not to act any more: a late interrupt would hit what cleans up. So where it is
         * at it, its end is waited for; no other registration is.
         */
        @Override
        public void close() {
            registry.remove(this);
            boolean interrupted = false;
            synchronized (this) {
                while (state == State.ACTING && acting != Thread.currentThread()) {
                    try {
                        wait();
                    } catch (InterruptedException wish) {
                        interrupted = true;
                    }
                }
                state = State.OVER;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** How to break something off; must return soon, and may ask a server that does not answer. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /**
     * What is put right at the end, and would be left if the process ended at once.
     *
     * @param settling what will be done: "the target's tuning is reverted"
     * @param left what else would be left, and which command puts it right
     */
    public record Debt(String settling, String left) {}

    /** Takes a debt down, for whoever asks while stopping. */
    public synchronized void owe(Debt debt) {
        debts.add(debt);
    }

    /** Strikes it out again. */
    public synchronized void settled(Debt debt) {
        debts.remove(debt);
    }

    /** What is owed at the moment. */
    public synchronized List<Debt> debts() {
        return List.copyOf(debts);
    }

    /** Something that an interrupt ends. */
    @FunctionalInterface
    public interface Interruptible<T, E extends Exception> {
        T run() throws E;
    }

    /** A wait that an interrupt ends. */
    @FunctionalInterface
    public interface Wait {
        void run() throws InterruptedException;
    }

    /** A part of the work, which is cancelled with the whole, or alone. To be closed by {@link Scope#close}. */
    public static final class Scope implements AutoCloseable {
        private final Cancellation cancellation;
        private final Registration registration;

        private Scope(Cancellation whole) {
            cancellation = new Cancellation(Optional.of(whole));
            registration = whole.register(cancellation::cancel);
        }

        /** That of this part. */
        public Cancellation cancellation() {
            return cancellation;
        }

        /** Does in this thread what belongs to the part. */
        public void run(Runnable work) {
            Cancellation before = SCOPE.get();
            SCOPE.set(cancellation);
            try {
                work.run();
            } finally {
                SCOPE.set(before);
            }
        }

        @Override
        public void close() {
            registration.close();
        }
    }

    /** Opens a scope for a part of what the calling thread works at. */
    public Scope scope() {
        return new Scope(here());
    }

    /**
     * Waits for something that knows nothing of cancellation, in this thread.
     *
     * @throws PgconvoyException of kind INTERRUPTED when cancelled or interrupted meanwhile
     */
    public void await(Wait wait) {
        try {
            interruptible(() -> {
                wait.run();
                return Optional.empty();
            });
        } catch (InterruptedException wish) {
            throw interrupted();
        }
    }

    /**
     * Pauses, where no cancellation is at hand.
     *
     * @throws PgconvoyException of kind INTERRUPTED when interrupted meanwhile
     */
    public static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
    }

    /** Does something in this thread that fails soon after an interrupt, which a cancellation is for it. */
    public <T, E extends Exception> T interruptible(Interruptible<T, E> work) throws E {
        Thread here = Thread.currentThread();
        try (var registration = onCancel(here::interrupt)) {
            return work.run();
        } finally {
            // The flag has done its work; what cleans up reads and writes files, which an interrupted thread cannot.
            if (isCancelled()) {
                Thread.interrupted();
            }
        }
    }

    /**
     * Breaks off, from another thread, whatever a connection is at; it is of no further use. Takes seconds at most, also
     * where the server is silent.
     */
    public static void breakOff(Connection connection) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        // The request goes over a connection of its own, which a silent server does not accept.
        Daemon request = Daemon.start("cancel-query", () -> {
            try {
                postgres.cancelQuery();
            } catch (SQLException failure) {
                log.debug("cancelling a query failed", failure);
            }
        });
        request.join(CANCEL_PATIENCE);
        // Between two statements there is nothing to cancel; the next one must fail, too.
        connection.abort(Runnable::run);
    }

    /** Registers that a connection is at work: on cancellation its query is cancelled on the server, and it is closed. */
    public Registration breaksOff(Connection connection) {
        return onCancel(() -> breakOff(connection));
    }

    /** Registers what to do on cancellation; done at once where that has happened already. */
    public Registration onCancel(Action action) {
        return here().register(action);
    }

    private Registration register(Action action) {
        Registration registration = new Registration(this, action);
        boolean late;
        synchronized (this) {
            registrations.add(registration);
            late = cancelled;
        }
        if (late) {
            registration.act();
        }
        return registration;
    }

    private synchronized void remove(Registration registration) {
        registrations.remove(registration);
    }

    /**
     * Cancels; later calls do nothing. Each action has a thread of its own: one of them may wait for a server that is
     * silent, and the others, and whoever cancels, must not wait with it.
     */
    public void cancel() {
        List<Registration> all;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            all = new ArrayList<>(registrations);
        }
        for (Registration registration : all) {
            Daemon.start("cancel", registration::act);
        }
    }

    public boolean isCancelled() {
        for (Optional<Cancellation> one = Optional.of(here()); one.isPresent(); one = one.get().whole) {
            if (one.get().cancelled) {
                return true;
            }
        }
        return false;
    }

    /** The scope that the calling thread works in, where that is a part of this. */
    private Cancellation here() {
        for (Cancellation one = SCOPE.get(); one != null; one = one.whole.orElse(null)) {
            if (one == this) {
                return SCOPE.get();
            }
        }
        return this;
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
}
