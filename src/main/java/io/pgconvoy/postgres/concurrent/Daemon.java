package io.pgconvoy.postgres.concurrent;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A thread for what goes on beside the run, and does not hold the process. What it does again and again ends once it is
 * closed:
 *
 * <pre>{@code
 * Daemon.start("heartbeat", daemon -> {
 *     while (daemon.goesOn(PAUSE)) {
 *         beat();
 *     }
 * });
 * }</pre>
 */
public final class Daemon implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private Daemon(String name, Consumer<Daemon> work) {
        this.thread = thread(name, () -> work.accept(this));
    }

    static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    public static Daemon start(String name, Runnable work) {
        return start(name, unused -> work.run());
    }

    /** @param work is given its daemon, to {@linkplain #goesOn ask} */
    public static Daemon start(String name, Consumer<Daemon> work) {
        Daemon daemon = new Daemon(name, work);
        daemon.thread.start();
        return daemon;
    }

    /** To be called in its thread: pauses, and says no at once when it is closed or interrupted. */
    public boolean goesOn(Duration pause) {
        try {
            return !closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Waits for its end, and no longer than that, nor when interrupted. */
    public void join(Duration most) {
        try {
            thread.join(most.toMillis());
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets it end, and does not wait for what it is at. */
    @Override
    public void close() {
        closed.countDown();
    }
}
