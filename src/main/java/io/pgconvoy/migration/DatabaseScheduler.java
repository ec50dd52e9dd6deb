package io.pgconvoy.migration;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Permit;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.report.Event.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one pipeline after the other, in the databases' order, each in a thread of its own, and collects their results.
 *
 * <p>Who keeps the order takes the source permit before the thread is started; a free place decides when that is. So many
 * databases are in flight at most that both lanes are busy and one dump for each restore waits on disk, not all of them;
 * those that are up and wait for all others before they load their deferred tables are not in flight: the huge ones come
 * last, over all databases.
 */
final class DatabaseScheduler {
    private static final Logger log = LoggerFactory.getLogger(DatabaseScheduler.class);

    /**
     * What a pipeline has to end, once all that it may wait for was broken off. The next run finds out what it has done; what
     * the target is owed must not wait for it.
     */
    static final Duration PATIENCE = Duration.ofSeconds(8);

    /** What is done with each database. */
    interface Work {
        /** What came of it in an earlier run, where it is finished; may forget what is there no more. */
        Optional<DatabaseResult> earlier(DatabaseProperties database);

        /** Whether it has still to be dumped. */
        boolean needsDump(DatabaseProperties database);

        /** Moves it; see {@link DatabasePipeline}. */
        DatabaseResult move(
                DatabaseProperties database, Optional<Permit> sourcePermit, DatabasePipeline.RegularPhase regular);

        /** The result as it is when all have ended. */
        DatabaseResult afterwards(DatabaseResult result);
    }

    private final Work work;
    private final Semaphore places;
    private final Bulkhead source;
    private final ServerOutage outage;
    private final Cancellation cancellation;

    /**
     * @param places how many databases are in flight at most
     * @param source limits how many are dumped at once
     */
    DatabaseScheduler(Work work, int places, Bulkhead source, ServerOutage outage, Cancellation cancellation) {
        this.work = work;
        this.places = new Semaphore(places, true);
        this.source = source;
        this.outage = outage;
        this.cancellation = cancellation;
    }

    /** The server that was given up, if one was. */
    Optional<PgconvoyException> gone() {
        return outage.gone();
    }

    /** Moves all databases, in their order; none of their failures is thrown. */
    List<DatabaseResult> run(List<DatabaseProperties> databases) {
        CountDownLatch regular = new CountDownLatch(databases.size());
        List<Supplier<DatabaseResult>> results = new ArrayList<>();
        try (Tasks tasks = Tasks.selfEnding("database", PATIENCE, cancellation)) {
            databases.forEach(database -> results.add(begin(database, tasks, regular)));
            tasks.join();
        }
        List<DatabaseResult> told =
                outage.toldOnce(results.stream().map(Supplier::get).toList());
        return outage.gone().isPresent()
                ? told
                : told.stream().map(work::afterwards).toList();
    }

    /** Returns what tells the result when all have ended. */
    private Supplier<DatabaseResult> begin(DatabaseProperties database, Tasks tasks, CountDownLatch regular) {
        try {
            Optional<DatabaseResult> known =
                    outage.isServerGone() ? Optional.of(notReached(database)) : work.earlier(database);
            Optional<Supplier<DatabaseResult>> begun =
                    known.isPresent() ? Optional.empty() : start(database, tasks, regular);
            if (begun.isPresent()) {
                return begun.get();
            }
            regular.countDown();
            return () -> known.orElseGet(() -> notReached(database));
        } catch (PgconvoyException thrown) {
            outage.failed(thrown);
            regular.countDown();
            // Thrown on, it would leave those alone that are under way.
            PgconvoyException failure = cancellation.cause(thrown);
            return () -> failure.kind() == ErrorKind.INTERRUPTED
                    ? notReached(database)
                    : DatabaseResult.failed(database, failure);
        }
    }

    private static DatabaseResult notReached(DatabaseProperties database) {
        return DatabaseResult.notReached(database);
    }

    /** Begins one when there is room for it; empty where by then nothing more is to be begun. */
    private Optional<Supplier<DatabaseResult>> start(DatabaseProperties database, Tasks tasks, CountDownLatch regular) {
        cancellation.check();
        cancellation.await(places::acquire);
        Optional<Permit> permit = Optional.empty();
        boolean started = false;
        try {
            if (work.needsDump(database)) {
                permit = Optional.of(Permit.take(source, cancellation));
            }
            if (outage.isOver()) {
                return Optional.empty();
            }
            Optional<Permit> taken = permit;
            Place place = new Place(regular);
            var task = tasks.start(database.name().value(), () -> move(database, taken, place));
            started = true;
            return Optional.of(() -> task.done().orElseGet(() -> notReached(database)));
        } finally {
            if (!started) {
                permit.ifPresent(Permit::close);
                places.release();
            }
        }
    }

    /** Whatever happens in it, the others go on. */
    private DatabaseResult move(DatabaseProperties database, Optional<Permit> permit, Place place) {
        try {
            return work.move(database, permit, place);
        } catch (RuntimeException | Error bug) {
            log.error("database {}: a bug in pgconvoy", database.name(), bug);
            return DatabaseResult.untouched(
                    database, Outcome.FAILED, Optional.of(Failure.ofBug(bug)), Optional.empty());
        } finally {
            place.ended();
        }
    }

    /** A database that only waits to load its deferred tables keeps no other one from being begun. */
    private final class Place implements DatabasePipeline.RegularPhase {
        private final CountDownLatch regular;
        private final AtomicBoolean ended = new AtomicBoolean();

        Place(CountDownLatch regular) {
            this.regular = regular;
        }

        @Override
        public void ended() {
            if (ended.compareAndSet(false, true)) {
                places.release();
                regular.countDown();
            }
        }

        @Override
        public void awaitOthers() {
            cancellation.await(regular::await);
            cancellation.check();
        }

        @Override
        public void awaitServers() {
            outage.awaitServers();
        }

        @Override
        public void failed(PgconvoyException failure) {
            outage.failed(failure);
        }
    }
}
