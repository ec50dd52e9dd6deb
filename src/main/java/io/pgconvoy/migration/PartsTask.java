package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.migration.source.PartsLane;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The dump of a database's deferred tables, in a thread of its own beside that of the database. */
final class PartsTask implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PartsTask.class);

    private final DatabaseName database;
    private final Tasks tasks;

    private PartsTask(DatabaseName database, Cancellation cancellation) {
        this.database = database;
        this.tasks = Tasks.selfEnding("parts", DatabaseScheduler.PATIENCE, cancellation);
    }

    /**
     * Starts it, if there is something to dump.
     *
     * @param whenRead what to do when it has ended
     */
    static PartsTask start(
            DatabaseName database, Optional<PartsLane> lane, Cancellation cancellation, Runnable whenRead) {
        PartsTask task = new PartsTask(database, cancellation);
        lane.ifPresent(open -> task.tasks.start(database.value(), () -> {
            try (PartsLane parts = open) {
                parts.run();
            } finally {
                whenRead.run();
            }
        }));
        return task;
    }

    /**
     * Looks whether it has failed already.
     *
     * @throws PgconvoyException its failure
     */
    void check() {
        tasks.check();
    }

    /**
     * Waits for its end, which a cancellation brings about by itself.
     *
     * @throws PgconvoyException its failure
     */
    void await() {
        tasks.join();
    }

    /** Waits as well; a failure that nobody has asked for is the second one of its database. */
    @Override
    public void close() {
        try (tasks) {
            await();
        } catch (RuntimeException failure) {
            log.debug("database {}: dumping deferred tables", database, failure);
        }
    }
}
