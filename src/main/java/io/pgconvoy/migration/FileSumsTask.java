package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.Markers.FileSum;
import io.pgconvoy.postgres.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Sums up an archive's files in a thread of its own; closing it ends that. */
final class FileSumsTask implements AutoCloseable {
    private final Cancellation cancellation;
    private final Cancellation stop = new Cancellation();
    private final FutureTask<List<FileSum>> task;
    private final Thread thread;

    private FileSumsTask(Path archive, DatabaseName database, Cancellation cancellation) {
        this.cancellation = cancellation;
        this.task = new FutureTask<>(() -> {
            try (var registration = cancellation.onCancel(stop::cancel)) {
                return ArchiveSums.of(archive, stop);
            }
        });
        this.thread = new Thread(task, "sum-" + database);
    }

    static FileSumsTask start(Path archive, DatabaseName database, Cancellation cancellation) {
        FileSumsTask started = new FileSumsTask(archive, database, cancellation);
        started.thread.start();
        return started;
    }

    /**
     * Waits for the sums.
     *
     * @throws io.pgconvoy.config.PgconvoyException where a file cannot be read, or of kind INTERRUPTED
     */
    List<FileSum> await() {
        cancellation.await(thread::join);
        try {
            return task.get();
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure.getCause());
        }
    }

    /** On return the thread reads no more. */
    @Override
    public void close() {
        stop.cancel();
        try {
            thread.join();
        } catch (InterruptedException wish) {
            // It stops within one buffer's time by itself.
            Thread.currentThread().interrupt();
        }
    }
}
