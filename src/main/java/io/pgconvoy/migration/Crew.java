package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.report.Event.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one pipeline after the other, in the databases' order, each in a thread of its own, and collects their results.
 *
 * <p>Who keeps the order takes the source permit before the thread is started; a free place decides when that is. So many
 * databases are in flight at most that both lanes are busy and one dump for each restore waits on disk, not all of them;
 * those that are up and wait for all others before they load their deferred tables are not in flight.
 */
final class Crew {
    private static final Logger log = LoggerFactory.getLogger(Crew.class);

    /** What a pipeline has to end, once all that it may wait for was broken off. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Workshop shop;
    private final ServerOutage outage;

    Crew(Workshop shop, Notes notes) {
        this.shop = shop;
        this.outage = new ServerOutage(
                List.of(shop.source(), shop.target()),
                shop.config().policy().reconnectTimeout(),
                shop.cancellation(),
                notes);
    }

    /** The server that was given up, if one was. */
    Optional<PgconvoyException> gone() {
        return outage.gone();
    }

    /** Moves all databases; none of their failures is thrown. */
    List<DatabaseResult> run(List<DatabaseProperties> databases) {
        Semaphore inFlight = new Semaphore(
                shop.parallelism().dumpParallel() + 2 * shop.parallelism().restoreParallel(), true);
        RegularPhases regular = new RegularPhases(databases.size());
        List<DatabaseResult> done = new ArrayList<>();
        List<Started> started = new ArrayList<>();
        for (DatabaseProperties database : databases) {
            try {
                if (outage.isServerGone()) {
                    done.add(notReached(database));
                    regular.finished();
                    continue;
                }
                new CrashLoss(shop, database, shop.journal().database(database.name())).forgetLost();
                Optional<DatabaseResult> earlier = earlier(database);
                Optional<Started> begun = earlier.isEmpty() ? start(database, inFlight, regular) : Optional.empty();
                if (begun.isPresent()) {
                    started.add(begun.get());
                } else {
                    done.add(earlier.orElseGet(() -> notReached(database)));
                    regular.finished();
                }
            } catch (PgconvoyException failure) {
                outage.failed(failure);
                // Thrown on, it would leave those alone that are under way.
                done.add(notStarted(database, shop.cancellation().cause(failure)));
                regular.finished();
            }
        }
        for (Started one : started) {
            done.add(await(one));
        }
        List<DatabaseResult> told = outage.toldOnce(inOrder(databases, done));
        return outage.gone().isPresent()
                ? told
                : told.stream().map(this::stillThere).toList();
    }

    /** A crash after a database was complete takes its unlogged tables along. */
    private DatabaseResult stillThere(DatabaseResult result) {
        if (result.outcome() != Outcome.COMPLETE && result.outcome() != Outcome.WARNINGS) {
            return result;
        }
        try {
            CrashLoss crash = new CrashLoss(
                    shop,
                    result.database(),
                    shop.journal().database(result.database().name()));
            List<String> lost = crash.lost();
            if (lost.isEmpty()) {
                return result;
            }
            PgconvoyException failure = crash.failure(lost);
            return DatabaseResult.untouched(result.database(), Outcome.FAILED, failure.withHint());
        } catch (PgconvoyException unreachable) {
            // Which the run's end says.
            log.debug(
                    "database {}: looking for its unlogged tables",
                    result.database().name(),
                    unreachable);
            return result;
        }
    }

    private static DatabaseResult notStarted(DatabaseProperties database, PgconvoyException failure) {
        return failure.kind() == ErrorKind.INTERRUPTED
                ? notReached(database)
                : DatabaseResult.failed(database, failure);
    }

    private static DatabaseResult notReached(DatabaseProperties database) {
        return DatabaseResult.untouched(database, Outcome.NOT_REACHED, "");
    }

    /** Something that is done the first time only. */
    private static final class Once {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Runnable what;

        Once(Runnable what) {
            this.what = what;
        }

        void run() {
            if (done.compareAndSet(false, true)) {
                what.run();
            }
        }
    }

    private record Started(DatabaseProperties database, FutureTask<DatabaseResult> task, Thread thread) {}

    /** Begins one when there is room for it; empty where by then nothing more is to be begun. */
    private Optional<Started> start(DatabaseProperties database, Semaphore inFlight, RegularPhases regular) {
        shop.cancellation().check();
        shop.cancellation().await(inFlight::acquire);
        Optional<Permit> permit = Optional.empty();
        try {
            if (DatabasePipeline.needsDump(shop, database)) {
                permit = Optional.of(Permit.take(shop.bulkheads().source(), shop.cancellation()));
            }
            if (outage.isOver()) {
                permit.ifPresent(Permit::close);
                inFlight.release();
                return Optional.empty();
            }
        } catch (RuntimeException failure) {
            permit.ifPresent(Permit::close);
            inFlight.release();
            throw failure;
        }
        // A database that only waits to load its deferred tables keeps no other one from being begun.
        Once regularDone = new Once(() -> {
            inFlight.release();
            regular.finished();
        });
        DatabasePipeline.RegularPhase phase = new DatabasePipeline.RegularPhase() {
            @Override
            public void ended() {
                regularDone.run();
            }

            @Override
            public void awaitOthers() {
                regular.await(shop.cancellation());
            }

            @Override
            public void awaitServers() {
                outage.awaitServers();
            }

            @Override
            public void failed(PgconvoyException failure) {
                outage.failed(failure);
            }
        };
        DatabasePipeline pipeline = new DatabasePipeline(shop, database, permit, phase);
        FutureTask<DatabaseResult> task = new FutureTask<>(() -> {
            try {
                return pipeline.call();
            } finally {
                regularDone.run();
            }
        });
        Thread thread = new Thread(task, "database-" + database.name());
        thread.setDaemon(true);
        thread.start();
        return Optional.of(new Started(database, task, thread));
    }

    /** Pipelines end soon after a cancellation by themselves, and until then have something to clean up. */
    private DatabaseResult await(Started one) {
        Optional<Instant> cancelled = Optional.empty();
        while (true) {
            try {
                return one.task().get(1, TimeUnit.SECONDS);
            } catch (TimeoutException goesOn) {
                if (shop.cancellation().isCancelled()) {
                    cancelled = cancelled.or(() -> Optional.of(Instant.now()));
                    if (cancelled.get().isBefore(Instant.now().minus(PATIENCE))) {
                        // The next run finds out what it has done. What the target is owed must not wait for it.
                        log.warn("database {}: does not end", one.database().name());
                        return DatabaseResult.untouched(one.database(), Outcome.NOT_REACHED, "");
                    }
                }
            } catch (InterruptedException wish) {
                // Cancellation reaches the pipeline by itself.
            } catch (ExecutionException bug) {
                log.error("database {}: a bug in pgconvoy", one.database().name(), bug.getCause());
                return DatabaseResult.untouched(one.database(), Outcome.FAILED, "a bug in pgconvoy: " + bug.getCause());
            }
        }
    }

    private Optional<DatabaseResult> earlier(DatabaseProperties database) {
        var journal = shop.journal().database(database.name());
        Optional<Markers.Completed> completed = journal.read(Step.COMPLETED);
        // A database of the same name that was made anew on the source is another one.
        boolean same = journal.read(Step.DUMPED)
                .filter(dumped -> dumped.databaseOid() == database.oid())
                .isPresent();
        if (completed.isEmpty()
                || !same
                || !journal.isComplete(shop.config().analyze())
                || !shop.targetDatabases().isRestored(database.name(), journal)) {
            return Optional.empty();
        }
        Optional<Markers.Verified> verified = journal.read(Step.VERIFIED)
                .map(regular ->
                        journal.read(Step.DEFERRED_VERIFIED).map(regular::plus).orElse(regular));
        return Optional.of(new DatabaseResult(
                database,
                Outcome.EARLIER,
                verified.map(Markers.Verified::tables).orElse(0L),
                verified.flatMap(Markers.Verified::rows),
                EarlierSpans.of(journal),
                completed.get().span().elapsed(),
                "",
                completed.get().warnings(),
                DatabaseResult.Deferral.of(journal),
                Optional.empty()));
    }

    private static List<DatabaseResult> inOrder(List<DatabaseProperties> databases, List<DatabaseResult> results) {
        return databases.stream()
                .flatMap(database ->
                        results.stream().filter(result -> result.database().equals(database)))
                .toList();
    }
}
