package io.pgconvoy.verify;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.sql.ResultSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import javax.sql.DataSource;

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

    Cancellation cancellation() {
        return cancellation;
    }

    /**
     * Counts.
     *
     * @param snapshot the exported snapshot to count in; empty for the present
     * @param onCounted told how many tables are done so far
     * @return the number of rows of each table, in the order of the tables
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public List<Long> count(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<String> snapshot,
            List<CountedTable> tables,
            LongConsumer onCounted) {
        Queue<List<Integer>> batches = new ConcurrentLinkedQueue<>(CountBatches.of(tables));
        Long[] counts = new Long[tables.size()];
        AtomicInteger done = new AtomicInteger();
        Tasks.inParallel("count-" + database, Math.min(concurrency, batches.size()), cancellation, () -> {
            for (List<Integer> batch = batches.poll(); batch != null; batch = batches.poll()) {
                countBatch(server, database, pool, snapshot, CountBatches.query(tables, batch), counts);
                onCounted.accept(done.addAndGet(batch.size()));
            }
        });
        return List.of(counts);
    }

    private void countBatch(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<String> snapshot,
            String query,
            Long[] counts) {
        transactions.run(server, database, pool, snapshot, "counting rows", statement -> {
            try (ResultSet rows = UserRows.query(statement, query)) {
                while (rows.next()) {
                    counts[rows.getInt(1)] = rows.getLong(2);
                }
            }
            return counts;
        });
    }
}
