package io.pgconvoy.verify.rows;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * Counts the rows of many tables of one database, by as many queries at once as the bulkhead lets through. Safe for use
 * by many threads.
 */
public final class RowCounter {
    private final ReadTransactions transactions;
    private final int concurrency;
    private final Cancellation cancellation;

    /**
     * @param bulkhead the limit on counting queries over all databases and both servers
     * @param concurrency the most queries at once for one database; the pool must have as many connections
     */
    public RowCounter(Bulkhead bulkhead, int concurrency, Cancellation cancellation) {
        this.transactions = new ReadTransactions(bulkhead, cancellation);
        this.concurrency = concurrency;
        this.cancellation = cancellation;
    }

    /**
     * Counts.
     *
     * @param snapshot the snapshot to count in; empty for the present
     * @param onCounted told how many tables are done so far
     * @return the number of rows of each table, in the order of the tables; empty for a materialized view that somebody has
     *     locked
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public List<Optional<Long>> count(
            SessionPool pool, Optional<SnapshotHolder> snapshot, List<TableInfo> tables, LongConsumer onCounted) {
        Queue<List<Integer>> batches = new ConcurrentLinkedQueue<>(CountBatches.of(tables));
        List<Optional<Long>> counts = Collections.synchronizedList(
                new ArrayList<>(Collections.nCopies(tables.size(), Optional.<Long>empty())));
        AtomicInteger done = new AtomicInteger();
        Tasks.inParallel("count-" + pool.database(), Math.min(concurrency, batches.size()), cancellation, () -> {
            for (List<Integer> batch = batches.poll(); batch != null; batch = batches.poll()) {
                String query = CountBatches.query(tables, batch);
                List<TableInfo> which = batch.stream().map(tables::get).toList();
                transactions.read(
                        pool,
                        snapshot,
                        which,
                        "counting rows",
                        session -> UserRows.list(
                                session, query, row -> counts.set(row.getInt(1), Optional.of(row.getLong(2)))));
                onCounted.accept(done.addAndGet(batch.size()));
            }
        });
        return List.copyOf(counts);
    }
}
