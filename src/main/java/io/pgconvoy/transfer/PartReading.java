package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Reads tables of one database of the source in parts, several at once, and gives each part to a sink. What fails for a
 * reason that passes is begun anew, part by part.
 */
final class PartReading {
    private static final long TOLD_AT_ONCE = 1024 * 1024;

    private final Server source;
    private final DatabaseName database;
    private final String encoding;
    private final TransientRetry retry;
    private final String what;

    /** The rows of a part, to be had once. */
    @FunctionalInterface
    interface Rows {
        /**
         * Has each row handed over, in this thread.
         *
         * @return how many there were
         */
        long giveTo(Consumer<byte[]> taker);
    }

    /** Where parts go. Safe for use by many threads. */
    @FunctionalInterface
    interface Sink<T> {
        /** Takes a part as a whole, or leaves nothing of it; may be handed the same part again after a failure. */
        T take(TablePart part, Rows rows);

        /** Does beside, before a part is read, what those before it have made possible. */
        default void betweenParts() {}

        /** The same when there is no further part to read; others may still be at theirs. */
        default void afterParts() {}

        /** What stands for a part that could not be taken; empty where that fails the whole. */
        default Optional<T> instead(TablePart part, PgconvoyException failure) {
            return Optional.empty();
        }
    }

    /** Hands rows on, and tells now and then how many bytes more there were. For one thread. */
    private static final class Told implements Consumer<byte[]> {
        private final Consumer<byte[]> taker;
        private final LongConsumer onMore;
        private long untold;

        Told(Consumer<byte[]> taker, LongConsumer onMore) {
            this.taker = taker;
            this.onMore = onMore;
        }

        @Override
        public void accept(byte[] row) {
            try {
                taker.accept(row);
            } catch (PgconvoyException refused) {
                throw new Refused(refused);
            }
            untold += row.length;
            if (untold >= TOLD_AT_ONCE) {
                rest();
            }
        }

        void rest() {
            onMore.accept(untold);
            untold = 0;
        }
    }

    /** Has what a sink throws pass through the source's session, which would take it for a failure of its own. */
    private static final class Refused extends RuntimeException {
        private final PgconvoyException failure;

        Refused(PgconvoyException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /**
     * @param encoding the database's own
     * @param retry is told what is read again
     * @param what names it
     */
    PartReading(Server source, DatabaseName database, String encoding, TransientRetry retry, String what) {
        this.what = what;
        this.source = source;
        this.database = database;
        this.encoding = encoding;
        this.retry = retry;
    }

    /** One of the sessions: after a failure a new one takes its place, in the same snapshot. */
    private final class Copies<T> implements AutoCloseable {
        private final SnapshotHolder holder;
        private final List<DeferredTable> tables;
        private final Sink<T> sink;
        private final LongConsumer onMore;
        private Optional<PartCopy> copy = Optional.empty();
        private Set<Long> locked = Set.of();

        Copies(SnapshotHolder holder, List<DeferredTable> tables, Sink<T> sink, LongConsumer onMore) {
            this.holder = holder;
            this.tables = tables;
            this.sink = sink;
            this.onMore = onMore;
        }

        /** Has the tables locked by now, if it has not yet. */
        PartCopy begin() {
            if (copy.isEmpty()) {
                copy = Optional.of(new PartCopy(source, database, encoding));
                try {
                    locked = copy.get().begin(holder.snapshot(), tables);
                } catch (RuntimeException failure) {
                    close();
                    throw failure;
                }
            }
            return copy.get();
        }

        /** Reads a part; empty where somebody waits for its table, so that the holder has to read it. */
        Optional<T> read(TablePart next) {
            return again(() -> {
                PartCopy own = begin();
                return locked.contains(next.table().oid())
                        ? Optional.of(taken(next, taker -> own.read(next, taker)))
                        : Optional.empty();
            });
        }

        T readByHolder(TablePart next) {
            PartCopy own = begin();
            return taken(next, taker -> own.read(holder, next, taker));
        }

        private T taken(TablePart next, Rows rows) {
            try {
                return sink.take(next, taker -> {
                    Told told = new Told(taker, onMore);
                    long number = rows.giveTo(told);
                    told.rest();
                    return number;
                });
            } catch (Refused refused) {
                // In the middle of its rows.
                close();
                return sink.instead(next, refused.failure).orElseThrow(() -> refused.failure);
            } catch (OutOfMemoryError tooLarge) {
                // The driver takes a row as a whole.
                throw new PgconvoyException(
                        ErrorKind.SOURCE,
                        source.label() + ", database \"" + database + "\": table "
                                + next.table().label() + " has rows for which this process has too little memory",
                        "Lower --dump-jobs, or allow for more memory: PGCONVOY_JAVA_OPTS=-Xmx4g, say.",
                        tooLarge);
            }
        }

        /** Where the snapshot is gone, the new session fails for another reason, which does not pass. */
        <R> R again(Supplier<R> work) {
            return retry.run(what, () -> {
                try {
                    return work.get();
                } catch (PgconvoyException failure) {
                    close();
                    throw failure;
                }
            });
        }

        @Override
        public void close() {
            copy.ifPresent(PartCopy::close);
            copy = Optional.empty();
        }
    }

    /**
     * Reads tables, the largest first. Each session locks all of them at once; the parts of a table that somebody waits for
     * by then are read in the holder's own session, one at a time.
     *
     * @param holder of the snapshot to read in, and of locks on the tables
     * @param jobs the most parts at once, each over a session of its own
     * @param fullSpeed until it is open, one part is read at a time
     * @param onBytes told how many bytes were read so far; by several threads
     * @return what the sink made of the parts, by table in the order given, then by number
     * @throws PgconvoyException of kind SOURCE when the server fails, of kind INTERRUPTED once cancelled, or what the sink
     *     throws
     */
    <T> List<T> read(
            SnapshotHolder holder,
            List<PlannedTable> tables,
            int jobs,
            CountDownLatch fullSpeed,
            LongConsumer onBytes,
            Sink<T> sink) {
        Queue<TablePart> queue = new ConcurrentLinkedQueue<>(TablePart.of(tables));
        if (queue.isEmpty()) {
            return List.of();
        }
        ConcurrentSkipListMap<Integer, T> results = new ConcurrentSkipListMap<>();
        AtomicLong bytes = new AtomicLong();
        LongConsumer onMore = more -> onBytes.accept(bytes.addAndGet(more));
        AtomicBoolean first = new AtomicBoolean(true);
        Queue<TablePart> forHolder = new ConcurrentLinkedQueue<>();
        List<DeferredTable> all = tables.stream().map(PlannedTable::table).toList();
        Tasks.inParallel("dump-" + database, Math.min(jobs, queue.size()), source.cancellation(), () -> {
            try (Copies<T> copies = new Copies<>(holder, all, sink, onMore)) {
                copies.again(copies::begin);
                if (!first.getAndSet(false)) {
                    await(fullSpeed, queue);
                }
                sink.betweenParts();
                for (TablePart next = queue.poll(); next != null; next = queue.poll()) {
                    Optional<T> result = copies.read(next);
                    if (result.isPresent()) {
                        results.put(next.position(), result.get());
                    } else {
                        forHolder.add(next);
                    }
                    sink.betweenParts();
                }
                for (TablePart next = forHolder.poll(); next != null; next = forHolder.poll()) {
                    results.put(next.position(), copies.readByHolder(next));
                }
            }
            sink.afterParts();
        });
        return List.copyOf(results.values());
    }

    private void await(CountDownLatch fullSpeed, Queue<TablePart> queue) {
        source.cancellation().await(() -> {
            while (!fullSpeed.await(100, TimeUnit.MILLISECONDS) && !queue.isEmpty()) {
                source.cancellation().check();
            }
        });
    }
}
