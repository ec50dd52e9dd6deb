package io.pgconvoy.postgres.concurrent;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Runs work in a thread that nobody interrupts, and that holds the process. The driver gives a connection up whose thread is
 * interrupted, and a second Ctrl-C must not keep the target from being put back.
 */
public final class Uninterruptibly {
    private Uninterruptibly() {}

    /** Has something done when the process is asked to end, which waits for that. */
    public static void atShutdown(String threadName, Runnable work) {
        Runtime.getRuntime().addShutdownHook(new Thread(work, threadName));
    }

    /** Returns the work's result or throws its exception. An interrupt of the caller waits for that, and is kept. */
    public static <T> T call(String threadName, Supplier<T> work) {
        FutureTask<T> task = new FutureTask<>(work::get);
        new Thread(task, threadName).start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException failure) {
                    if (failure.getCause() instanceof RuntimeException known) {
                        throw known;
                    }
                    throw new IllegalStateException(failure.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
