package io.pgconvoy.tuning;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Runs work in a thread that nobody interrupts. The driver gives a connection up whose thread is interrupted, and a
 * second Ctrl-C must not keep the target from being put back.
 */
final class Undisturbed {
    private Undisturbed() {}

    /** Returns the work's result or throws its exception. An interrupt of the caller waits for that, and is kept. */
    static <T> T call(String threadName, Supplier<T> work) {
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
