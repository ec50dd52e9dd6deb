package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.retry.TransientRetry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Loads the parts of a database's deferred tables while clients work in it: several at once, each in a transaction of its
 * own, none twice. Clients' triggers and foreign keys stay on; the load alone does without, by {@code
 * session_replication_role}. Safe for use by many threads.
 */
public final class PartLoad {
    /** How often a part is tried whose transaction the server broke off for a passing reason. */
    private static final int ATTEMPTS = 3;

    private final ServerPools pools;
    private final LoadEvidence evidence;
    private final Renewal renewal;
    private final Cancellation cancellation;
    private final TransientRetry retry;

    /** Dumps a part again whose file is damaged, where the source's snapshot is still held. */
    @FunctionalInterface
    public interface Renewal {
        /** Whether the file is as it should be by now. */
        boolean renew(DeferredTable table, DumpedPart part);
    }

    /**
     * What was loaded, in this run and in earlier ones.
     *
     * @param completeTables OIDs, on the source, of the tables all of whose parts are loaded
     * @param failures one for each part that is not loaded
     */
    public record Loaded(long rows, Set<Long> completeTables, List<PgconvoyException> failures) {
        public Loaded {
            completeTables = Set.copyOf(completeTables);
            failures = List.copyOf(failures);
        }
    }

    /**
     * @param pools the target's
     * @param retry is told of parts that are loaded again
     */
    public PartLoad(
            ServerPools pools,
            LoadEvidence evidence,
            Renewal renewal,
            Cancellation cancellation,
            TransientRetry retry) {
        this.retry = retry;
        this.pools = pools;
        this.evidence = evidence;
        this.renewal = renewal;
        this.cancellation = cancellation;
    }

    /**
     * Loads what is not loaded yet. Parts that fail do not stop the others. When all parts are loaded, that is durable on
     * return.
     *
     * @param folder of the parts' files
     * @param jobs the most parts at once
     * @param onLoaded told how many rows are loaded so far, those of earlier runs among them
     * @throws PgconvoyException of kind INTERRUPTED once cancelled; of kind TARGET where the server is not to be worked
     *     with at all
     */
    public Loaded load(
            DatabaseName database,
            Deferred deferred,
            PartsDumped dumped,
            Path folder,
            int jobs,
            LongConsumer onLoaded) {
        evidence.create(database);
        try (SessionPool pool = pools.sessions(database, jobs)) {
            for (int attempt = 1; ; attempt++) {
                Loaded loaded = round(database, deferred, dumped, folder, jobs, pool, onLoaded);
                if (!loaded.failures().isEmpty()) {
                    return loaded;
                }
                evidence.flush(database);
                // A server that crashed meanwhile, and is back, has lost its last commits, which were asynchronous.
                if (isComplete(evidence, database, dumped) || attempt == ATTEMPTS) {
                    return loaded;
                }
            }
        }
    }

    /** Whether the database itself knows of all parts. */
    public static boolean isComplete(LoadEvidence evidence, DatabaseName database, PartsDumped dumped) {
        Set<PartKey> present = present(evidence, database);
        return dumped.parts().stream().allMatch(part -> present.contains(PartKey.of(part)));
    }

    private static Set<PartKey> present(LoadEvidence evidence, DatabaseName database) {
        return evidence.read(database).stream()
                .map(part -> new PartKey(part.tableOid(), part.number()))
                .collect(Collectors.toSet());
    }

    private Loaded round(
            DatabaseName database,
            Deferred deferred,
            PartsDumped dumped,
            Path folder,
            int jobs,
            SessionPool pool,
            LongConsumer onLoaded) {
        Round round = new Round(
                database, new PartTransaction(deferred.encoding(), new PartFiles(folder), evidence), pool, onLoaded);
        round.add(deferred, dumped, present(evidence, database));
        int threads = Math.min(jobs, round.queue.size());
        if (threads > 0) {
            Tasks.inParallel("load-" + database, threads, cancellation, round::work);
        }
        return round.result(deferred, dumped);
    }

    private record PartKey(long tableOid, int number) {
        static PartKey of(DumpedPart part) {
            return new PartKey(part.tableOid(), part.number());
        }
    }

    private record Job(DeferredTable table, DumpedPart part) {}

    /** One load: what is still to do, and what came of it. */
    private final class Round {
        private final DatabaseName database;
        private final PartTransaction transaction;
        private final SessionPool pool;
        private final LongConsumer onLoaded;
        private final Queue<Job> queue = new ConcurrentLinkedQueue<>();
        private final Set<PartKey> loaded = ConcurrentHashMap.newKeySet();
        private final Queue<PgconvoyException> failures = new ConcurrentLinkedQueue<>();
        private final AtomicLong rows = new AtomicLong();
        private final AtomicBoolean gone = new AtomicBoolean();

        Round(DatabaseName database, PartTransaction transaction, SessionPool pool, LongConsumer onLoaded) {
            this.database = database;
            this.transaction = transaction;
            this.pool = pool;
            this.onLoaded = onLoaded;
        }

        /** Big tables first, so that the last worker is not left alone with one. */
        void add(Deferred deferred, PartsDumped dumped, Set<PartKey> before) {
            Map<Long, DeferredTable> tables = new HashMap<>();
            deferred.tables().forEach(table -> tables.put(table.oid(), table));
            List<Job> jobs = new ArrayList<>();
            for (DumpedPart part : dumped.parts()) {
                if (before.contains(PartKey.of(part))) {
                    done(part);
                } else {
                    jobs.add(new Job(tables.get(part.tableOid()), part));
                }
            }
            jobs.sort(Comparator.comparingLong((Job job) -> job.table().bytes())
                    .reversed()
                    .thenComparing(job -> job.table().oid())
                    .thenComparing(job -> job.part().number()));
            queue.addAll(jobs);
        }

        void work() {
            for (Job job = queue.poll(); job != null && !gone.get(); job = queue.poll()) {
                try {
                    loadOrRenew(job);
                    done(job.part());
                } catch (PgconvoyException failure) {
                    cancellation.check();
                    failures.add(failure);
                }
            }
        }

        private void loadOrRenew(Job job) {
            try {
                loadPatiently(job);
            } catch (PgconvoyException failure) {
                cancellation.check();
                if (!PartDamage.isCauseOf(failure)) {
                    throw failure;
                }
                if (!renewal.renew(job.table(), job.part())) {
                    throw PartFailure.damaged(pools.server(), database, job.table(), job.part(), failure);
                }
                loadPatiently(job);
            }
        }

        /** A lost connection does not tell whether the commit arrived; the next attempt finds out by the evidence. */
        private void loadPatiently(Job job) {
            for (int attempt = 1; ; attempt++) {
                try {
                    transaction.load(pool, job.table(), job.part());
                    return;
                } catch (SqlFailure failure) {
                    PgconvoyException told = PartFailure.of(pools.server(), database, job.table(), job.part(), failure);
                    if (!SqlState.isTransient(failure) || gone.get()) {
                        throw told;
                    }
                    checkServer(told);
                    if (attempt == ATTEMPTS) {
                        throw told;
                    }
                    retry.tells("load of parts", told, attempt + 1, ATTEMPTS);
                }
            }
        }

        /** Waits for a server that restarts; where it stays away, nobody need try another part. */
        private void checkServer(PgconvoyException failure) {
            try {
                pools.server().session(database, "trying again").close();
            } catch (PgconvoyException away) {
                gone.set(true);
                failure.addSuppressed(away);
                throw failure;
            }
        }

        private void done(DumpedPart part) {
            loaded.add(PartKey.of(part));
            onLoaded.accept(rows.addAndGet(part.rows()));
        }

        Loaded result(Deferred deferred, PartsDumped dumped) {
            Set<Long> complete = new HashSet<>();
            deferred.tables().forEach(table -> complete.add(table.oid()));
            for (DumpedPart part : dumped.parts()) {
                if (!loaded.contains(PartKey.of(part))) {
                    complete.remove(part.tableOid());
                }
            }
            return new Loaded(rows.get(), complete, List.copyOf(failures));
        }
    }
}
