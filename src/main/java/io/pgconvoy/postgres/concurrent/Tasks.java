package io.pgconvoy.postgres.concurrent;

import io.pgconvoy.config.PgconvoyException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does things at the same time, each in a thread of its own, and has an end of all of them: the first that fails cancels
 * the others, and its failure is what {@link #join} throws. After {@link #close} none of them is at work any more.
 *
 * <pre>{@code
 * try (Tasks tasks = Tasks.open("sides", cancellation)) {
 *     var here = tasks.start("source", () -> read(source));
 *     var there = tasks.start("target", () -> read(target));
 *     tasks.join();
 *     return compare(here.result(), there.result());
 * }
 * }</pre>
 *
 * <p>The tasks work in a {@linkplain Cancellation#scope scope} of the cancellation: what one of them registers with the
 * run's cancellation is broken off as well when another of them fails. Only the thread that opened it may join and close.
 *
 * @see <a href="https://openjdk.org/jeps/462">Structured concurrency in later versions of Java</a>
 */
public final class Tasks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tasks.class);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final String name;
    /** Of self-ending ones. */
    private final Optional<Duration> patience;

    private final Cancellation cancellation;
    private final Cancellation.Scope scope;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> first = new AtomicReference<>();

    /** What a thread does. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /** A task that has a result. */
    public static final class Task<T> {
        private volatile T result;
        private volatile boolean done;

        private Task() {}

        /** Empty where it has not come to its end, or has failed. */
        public Optional<T> done() {
            return done ? Optional.of(result) : Optional.empty();
        }

        /** To be called after {@link Tasks#join}. */
        public T result() {
            if (!done) {
                throw new IllegalStateException("the task has not been joined");
            }
            return result;
        }
    }

    private Tasks(String name, Optional<Duration> patience, Cancellation cancellation) {
        this.name = name;
        this.patience = patience;
        this.cancellation = cancellation;
        this.scope = cancellation.scope();
    }

    /**
     * Opens an empty group.
     *
     * @param name what its threads' names begin with
     */
    public static Tasks open(String name, Cancellation cancellation) {
        return new Tasks(name, Optional.empty(), cancellation);
    }

    /**
     * Opens an empty group of tasks that a cancellation reaches by itself, since they have something to clean up then: they
     * are begun in any case, and never interrupted.
     *
     * @param patience for which they are waited for after a cancellation; what is at work then is left behind
     */
    public static Tasks selfEnding(String name, Duration patience, Cancellation cancellation) {
        return new Tasks(name, Optional.of(patience), cancellation);
    }

    /**
     * Has so many threads, at least one, do the same, such as to take from a queue until that is empty. Where one does, it
     * is the caller's, since a thread for each thing of a small database would cost more than what is done in it.
     *
     * @param name the threads' name, numbered
     * @throws RuntimeException the first failure, when all have ended
     */
    public static void inParallel(String name, int threads, Cancellation cancellation, Work work) {
        if (threads <= 1) {
            alone(cancellation, work);
            return;
        }
        try (Tasks tasks = open(name, cancellation)) {
            for (int i = 1; i <= threads; i++) {
                tasks.start(String.valueOf(i), work);
            }
            tasks.join();
        }
    }

    /** In the caller's thread, which a cancellation interrupts as it would another one. */
    private static void alone(Cancellation cancellation, Work work) {
        cancellation.check();
        try {
            cancellation.interruptible(() -> {
                work.run();
                return Optional.empty();
            });
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        } catch (Throwable failure) {
            throw thrown(failure, cancellation);
        }
    }

    /**
     * Does the same with many things, some at once; those that come first are begun first.
     *
     * @param most at once
     * @throws RuntimeException the first failure, when all that was begun has ended
     */
    public static <T> void forEach(
            String name, int most, Cancellation cancellation, Collection<T> things, Consumer<T> work) {
        if (things.isEmpty()) {
            return;
        }
        Queue<T> queue = new ConcurrentLinkedQueue<>(things);
        inParallel(name, Math.min(most, queue.size()), cancellation, () -> {
            for (T next = queue.poll(); next != null; next = queue.poll()) {
                cancellation.check();
                work.accept(next);
            }
        });
    }

    public void start(String task, Work work) {
        start(task, () -> {
            work.run();
            return null;
        });
    }

    /** Starts a task whose result is wanted. */
    public <T> Task<T> start(String task, Callable<T> work) {
        Task<T> started = new Task<>();
        Thread thread = Daemon.thread(name + "-" + task, () -> scope.run(() -> run(work, started)));
        // Nothing but a join waits for it; a thread that cannot be broken off must not hold the process.
        threads.add(thread);
        thread.start();
        return started;
    }

    private <T> void run(Callable<T> work, Task<T> task) {
        Thread here = Thread.currentThread();
        try (var registration = scope.cancellation().onCancel(patience.isEmpty() ? here::interrupt : () -> {})) {
            if (patience.isEmpty()) {
                scope.cancellation().check();
            }
            task.result = work.call();
            task.done = true;
        } catch (Throwable failure) {
            if (!first.compareAndSet(null, failure)) {
                log.debug("{}: fails after another task has", here.getName(), failure);
            }
            scope.cancellation().cancel();
        }
    }

    /**
     * Waits for all of them.
     *
     * @throws PgconvoyException of kind INTERRUPTED when cancelled meanwhile, or when this thread was interrupted
     * @throws RuntimeException the first failure
     */
    public void join() {
        boolean interrupted = end();
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
        check();
    }

    /**
     * Looks whether one of them has failed already.
     *
     * @throws RuntimeException the first failure
     */
    public void check() {
        Throwable failure = first.get();
        if (failure != null) {
            throw thrown(failure, cancellation);
        }
    }

    /** As what a task's failure is thrown to who waits for it. */
    private static RuntimeException thrown(Throwable failure, Cancellation cancellation) {
        cancellation.check();
        return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }

    /** Waits until none is at work; an interrupt cancels them, and they are waited for nevertheless. */
    private boolean end() {
        boolean interrupted = false;
        Optional<Instant> cancelled = Optional.empty();
        for (Thread thread : threads) {
            while (thread.isAlive() && !isLeftBehind(thread, cancelled)) {
                try {
                    thread.join(patience.isEmpty() ? 0 : LOOK.toMillis());
                } catch (InterruptedException wish) {
                    if (patience.isEmpty()) {
                        interrupted = true;
                        scope.cancellation().cancel();
                    }
                }
                if (scope.cancellation().isCancelled()) {
                    cancelled = cancelled.or(() -> Optional.of(Instant.now()));
                }
            }
        }
        threads.clear();
        return interrupted;
    }

    private boolean isLeftBehind(Thread thread, Optional<Instant> cancelled) {
        boolean left = patience.isPresent()
                && cancelled
                        .filter(at -> at.plus(patience.get()).isBefore(Instant.now()))
                        .isPresent();
        if (left) {
            log.warn("{}: does not end", thread.getName());
        }
        return left;
    }

    /** Cancels what is still at work, as after a failure of who started it, and waits for its end. */
    @Override
    public void close() {
        if (!threads.isEmpty()) {
            scope.cancellation().cancel();
        }
        if (end()) {
            Thread.currentThread().interrupt();
        }
        scope.close();
    }
}
