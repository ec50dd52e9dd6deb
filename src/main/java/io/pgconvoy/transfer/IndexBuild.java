package io.pgconvoy.transfer;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredIndex;
import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import io.pgconvoy.plan.BuildWorkersFit;
import io.pgconvoy.plan.MemoryFit;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.transfer.RestorePlan.IndexEntry;
import io.pgconvoy.transfer.TargetIndexes.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Builds the indexes of deferred tables when these are filled: each on its own, the largest first. What is there and
 * valid is kept, what an interrupted concurrent build left is built again. Safe for use by many threads.
 */
public final class IndexBuild {
    private static final String NOT_SUPPORTED = "0A000";
    private static final int ATTEMPTS = 5;

    /**
     * Sorting within the processors' caches and merging the results is quicker than sorting all in one memory: two builds
     * at once over 5 million rows took 10 to 30 % longer with 1.5 GB. With this much, 100 GB are merged in one pass.
     */
    private static final ByteSize MOST_MEMORY = ByteSize.ofMegabytes(256);

    private final Server target;
    private final Ddl ddl;
    private final BuildPermits permits;
    private final ByteSize memory;
    private final boolean concurrent;
    private final Cancellation cancellation;
    private final TransientRetry retry;

    /**
     * @param permits shared by all databases
     * @param memory of the target's machine
     * @param concurrent whether clients can go on writing meanwhile, which takes longer
     * @param retry of a build that failed for a reason that passes
     */
    public IndexBuild(
            Server target,
            BuildPermits permits,
            ByteSize memory,
            boolean concurrent,
            Cancellation cancellation,
            TransientRetry retry) {
        this.target = target;
        this.ddl = new Ddl(target);
        this.permits = permits;
        this.memory = memory;
        this.concurrent = concurrent;
        this.cancellation = cancellation;
        this.retry = retry;
    }

    /**
     * What became of the indexes.
     *
     * @param built how many were built
     * @param kept how many were there already
     * @param failures a sentence for each that could not be built, and for what came after
     */
    public record Result(int built, int kept, List<String> failures) {
        public Result {
            failures = List.copyOf(failures);
        }
    }

    /** Counts and failures so far, from several threads. */
    private static final class Progress {
        private final AtomicInteger built = new AtomicInteger();
        private final AtomicInteger kept = new AtomicInteger();
        private final Queue<TocEntry> failed = new ConcurrentLinkedQueue<>();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    }

    /**
     * Builds one database's indexes, then restores what needs them, then makes again those that a client had made
     * before the load.
     *
     * @param restore the database's archive
     * @param dropped indexes that were on the target before the load
     * @param onFinished told how many of the plan's indexes are finished so far
     */
    public Result build(LateRestore restore, RestorePlan plan, List<DroppedIndex> dropped, LongConsumer onFinished) {
        DatabaseName database = restore.database();
        Progress progress = new Progress();
        BuildQueue queue = new BuildQueue(plan.indexes(), concurrent);
        AtomicInteger announced = new AtomicInteger(plan.indexes().size());
        permits.announce(announced.get());
        try {
            AtomicInteger finished = new AtomicInteger();
            int threads = Math.min(permits.builders(), plan.indexes().size());
            Tasks.inParallel("index-" + database, threads, cancellation, () -> {
                for (var next = queue.take(); next.isPresent(); next = queue.take()) {
                    cancellation.check();
                    try (var turn = permits.await()) {
                        one(restore, next.get(), progress);
                    } finally {
                        queue.finished(next.get().index());
                        if (announced.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                            permits.announce(-1);
                        }
                    }
                    onFinished.accept(finished.incrementAndGet());
                }
            });
        } finally {
            permits.announce(-announced.getAndSet(0));
        }
        cancellation.check();
        // What is attached or commented on already may be so again.
        progress.failures.addAll(retry.run(
                "what needs the indexes",
                () -> restore.restore(restore.without(plan.afterIndexes(), progress.failed))));
        Set<String> planned = plan.indexes().stream()
                .map(one -> Sql.qualified(one.index().schema(), one.index().name()))
                .collect(Collectors.toSet());
        for (DroppedIndex index : dropped) {
            if (!planned.contains(Sql.qualified(index.schema(), index.name()))) {
                try (var turn = permits.await()) {
                    retry.again("index builds", () -> again(database, index, progress));
                }
            }
        }
        return new Result(progress.built.get(), progress.kept.get(), List.copyOf(progress.failures));
    }

    private void one(LateRestore restore, IndexEntry one, Progress progress) {
        List<String> failures;
        try {
            failures = retry.run("index builds", () -> tryOne(restore, one, progress));
        } catch (PgconvoyException failure) {
            // Somebody's locks cross those of this index; the others may be built.
            if (PassingFailure.of(failure)
                    .filter(why -> why.state().equals("40P01"))
                    .isEmpty()) {
                throw failure;
            }
            failures = List.of(label(one) + " failed: " + failure.getMessage());
        }
        if (!failures.isEmpty()) {
            progress.failed.add(one.entry());
            progress.failures.addAll(failures);
        }
    }

    private List<String> tryOne(LateRestore restore, IndexEntry one, Progress progress) {
        try {
            return build(restore, one, progress).stream()
                    .map(error -> label(one) + " failed: " + error)
                    .toList();
        } catch (SqlFailure failure) {
            return List.of(judge(label(one), failure));
        }
    }

    private List<String> build(LateRestore restore, IndexEntry one, Progress progress) {
        DeferredIndex index = one.index();
        Map<String, String> settings;
        try (Session session = ddl.open(restore.database(), label(one))) {
            if (cleanState(session, index.schema(), index.name()) == State.PRESENT) {
                // A build may have been interrupted in front of these.
                properties(session, index);
                progress.kept.incrementAndGet();
                return List.of();
            }
            // pg_restore runs a whole entry in one transaction: an ALTER TABLE in it wants a stronger lock than CREATE
            // INDEX has already, and whoever waits for that one makes it a deadlock.
            if (concurrent || !index.properties().isEmpty()) {
                session.set("default_tablespace", restore.tablespace(index.tablespace()));
                create(session, index.schema(), index.name(), index.definition());
                properties(session, index);
                progress.built.incrementAndGet();
                return List.of();
            }
            settings = new HashMap<>(settings(session));
            settings.putAll(Ddl.quiet(session));
        }
        List<String> errors = restore.restore(List.of(one.entry()), settings);
        if (errors.isEmpty()) {
            progress.built.incrementAndGet();
        }
        return errors;
    }

    private void again(DatabaseName database, DroppedIndex index, Progress progress) {
        String what = "building again index " + Sql.qualified(index.schema(), index.name()) + ", which was"
                + " on the target before the load (" + index.definition() + "),";
        try (Session session = ddl.open(database, what)) {
            if (cleanState(session, index.schema(), index.name()) != State.PRESENT) {
                session.set("default_tablespace", index.tablespace().orElse(""));
                create(session, index.schema(), index.name(), index.definition());
                progress.built.incrementAndGet();
            }
        } catch (SqlFailure failure) {
            progress.failures.add(judge(what, failure));
        }
    }

    /** A failure that only this index suffers from; one that all would is thrown. */
    private static String judge(String what, SqlFailure failure) {
        if (SqlState.isTransient(failure) && !SqlState.isDeadlock(failure)) {
            throw failure;
        }
        return what + " failed: " + failure.words();
    }

    /** How an index stands, an invalid one being dropped. */
    private State cleanState(Session session, String schema, String name) {
        State state = TargetIndexes.state(session, schema, name);
        if (state != State.INVALID) {
            return state;
        }
        String how = concurrent ? "CONCURRENTLY " : "";
        ddl.patiently(session, "DROP INDEX " + how + "IF EXISTS " + Sql.qualified(schema, name));
        return State.MISSING;
    }

    private void create(Session session, String schema, String name, String definition) {
        settings(session).forEach(session::set);
        for (int attempt = 1; ; attempt++) {
            try {
                session.execute(concurrent ? concurrently(definition) : definition);
                return;
            } catch (SqlFailure failure) {
                if (concurrent && failure.state().equals(NOT_SUPPORTED)) {
                    session.execute(definition);
                    return;
                }
                // What a failed concurrent build leaves would cost writers their time.
                if (concurrent && !session.isClosed()) {
                    cleanState(session, schema, name);
                }
                // A client's lock and ours can cross; its transaction is over soon.
                if (!SqlState.isDeadlock(failure) || attempt == ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    /** {@code pg_get_indexdef} begins in one of two ways; the rest is left as it is. */
    static String concurrently(String definition) {
        for (String beginning : List.of("CREATE INDEX ", "CREATE UNIQUE INDEX ")) {
            if (definition.startsWith(beginning)) {
                return beginning + "CONCURRENTLY " + definition.substring(beginning.length());
            }
        }
        return definition;
    }

    private void properties(Session session, DeferredIndex index) {
        index.properties().forEach(statement -> ddl.patiently(session, statement));
    }

    /** What this build may use beside those that run with it. */
    private Map<String, String> settings(Session session) {
        Map<String, String> settings = new HashMap<>();
        MemoryFit.maintenanceWorkMem(memory, permits.builders())
                .map(size -> size.compareTo(MOST_MEMORY) < 0 ? size : MOST_MEMORY)
                .ifPresent(size -> settings.put("maintenance_work_mem", size.megabytes() + "MB"));
        if (target.version().isAtLeast(ServerVersion.V11)) {
            int workers = BuildWorkersFit.workers(
                    permits.atOnce(), permits.builders(), TargetIndexes.parallelWorkers(session));
            settings.put("max_parallel_maintenance_workers", String.valueOf(workers));
        }
        return settings;
    }

    private static String label(IndexEntry one) {
        return "building index "
                + Sql.qualified(one.index().schema(), one.index().name()) + " of table " + one.table();
    }
}
