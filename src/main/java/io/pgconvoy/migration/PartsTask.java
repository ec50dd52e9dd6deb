package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The dump of a database's deferred tables, in a thread of its own beside that of the database. */
final class PartsTask implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PartsTask.class);

    private final DatabaseName database;
    private final Optional<FutureTask<Void>> task;

    private PartsTask(DatabaseName database, Optional<FutureTask<Void>> task) {
        this.database = database;
        this.task = task;
    }

    /**
     * Starts it, if there is something to dump.
     *
     * @param whenRead what to do when nothing more is read from the source
     */
    static PartsTask start(DatabaseName database, Optional<PartsLane> lane, Runnable whenRead) {
        if (lane.isEmpty()) {
            whenRead.run();
            return new PartsTask(database, Optional.empty());
        }
        FutureTask<Void> task = new FutureTask<>(() -> {
            try (PartsLane parts = lane.get()) {
                parts.run();
                return null;
            } finally {
                whenRead.run();
            }
        });
        Thread thread = new Thread(task, "parts-" + database);
        // Its database waits for it; a thread that cannot be broken off must not hold the process.
        thread.setDaemon(true);
        thread.start();
        return new PartsTask(database, Optional.of(task));
    }

    /**
     * Looks whether it has failed already.
     *
     * @throws PgconvoyException its failure
     */
    void check() {
        if (task.isPresent() && task.get().isDone()) {
            await();
        }
    }

    /**
     * Waits for its end, which a cancellation brings about by itself.
     *
     * @throws PgconvoyException its failure
     */
    void await() {
        while (task.isPresent()) {
            try {
                task.get().get();
                return;
            } catch (InterruptedException wish) {
                // Cancellation reaches the dump by itself, and it has something to clean up.
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(failure.getCause());
            }
        }
    }

    /** Waits as well; a failure that nobody has asked for is the second one of its database. */
    @Override
    public void close() {
        try {
            await();
        } catch (RuntimeException failure) {
            log.debug("database {}: dumping deferred tables", database, failure);
        }
    }
}
