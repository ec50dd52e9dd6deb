package io.pgconvoy.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs the same work on several named threads and waits for all of them. */
public final class Workers {
    private Workers() {}

    /** What each thread does: take from a shared queue until it is empty, say. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Runs the work on so many threads; after the first failure, or when cancelled, the others are interrupted.
     *
     * @param name the threads' name, numbered
     * @throws RuntimeException the first failure
     */
    public static void run(String name, int threads, Cancellation cancellation, Work work) {
        AtomicInteger number = new AtomicInteger();
        int count = Math.max(1, threads);
        ExecutorService executor =
                Executors.newFixedThreadPool(count, task -> new Thread(task, name + "-" + number.incrementAndGet()));
        Callable<Void> call = () -> {
            work.run();
            return null;
        };
        try (var registration = cancellation.onCancel(executor::shutdownNow)) {
            List<Future<Void>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(executor.submit(call));
            }
            for (Future<Void> future : futures) {
                future.get();
            }
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        } catch (ExecutionException failure) {
            cancellation.check();
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure.getCause());
        } catch (RejectedExecutionException cancelled) {
            throw Cancellation.interrupted();
        } finally {
            executor.shutdownNow();
        }
    }
}
