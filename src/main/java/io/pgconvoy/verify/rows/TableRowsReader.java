package io.pgconvoy.verify.rows;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.verify.checksum.ChecksumReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** Finds out what each table's rows are compared by: nothing, an estimate, their number, or that and a checksum. */
public final class TableRowsReader {
    private final ServerPools pools;
    private final RowCounter counter;
    private final ChecksumReader checksums;
    private final ReadTransactions transactions;
    private final int concurrency;
    private final VerifyLevel level;

    /**
     * @param bulkhead the limit on queries of the verification, over all databases and both servers
     * @param concurrency the most queries, and connections, at once for one database
     */
    public TableRowsReader(
            ServerPools pools, Bulkhead bulkhead, int concurrency, VerifyLevel level, Cancellation cancellation) {
        this.pools = pools;
        this.counter = new RowCounter(bulkhead, concurrency, cancellation);
        this.checksums = new ChecksumReader(pools, bulkhead, concurrency, cancellation);
        this.transactions = new ReadTransactions(bulkhead, cancellation);
        this.concurrency = concurrency;
        this.level = level;
    }

    /**
     * Reads every table's rows.
     *
     * @param snapshot the snapshot to read in; empty for the present
     * @param which the tables that matter
     * @param onDone told how many tables are done so far
     * @throws io.pgconvoy.config.PgconvoyException of the server's kind when a query fails
     */
    public List<TableRows> read(
            DatabaseName database, Optional<SnapshotHolder> snapshot, Predicate<TableInfo> which, LongConsumer onDone) {
        if (level == VerifyLevel.CHECKSUM) {
            return checksums.read(database, snapshot, which, onDone);
        }
        try (SessionPool pool = pools.sessions(database, concurrency)) {
            List<TableInfo> tables = transactions.list(pool, snapshot, "listing tables", TableCatalog::tables).stream()
                    .filter(which)
                    .toList();
            return level == VerifyLevel.COUNT
                    ? count(pool, snapshot, tables, onDone)
                    : tables.stream().map(this::uncounted).toList();
        }
    }

    private TableRows uncounted(TableInfo table) {
        return new TableRows(
                table.schema(),
                table.name(),
                table.condition(),
                level.estimates() ? table.estimatedRows() : Optional.empty());
    }

    private List<TableRows> count(
            SessionPool pool, Optional<SnapshotHolder> snapshot, List<TableInfo> tables, LongConsumer onDone) {
        // Only the target is ours to lift anything on; what the source hides is known before its dump.
        boolean lifts = pools.server().side() == Side.TARGET && snapshot.isEmpty();
        OwnersCount owners = new OwnersCount(pool);
        Set<TableInfo> hidden = lifts ? owners.hidden(tables) : Set.of();
        List<TableInfo> open =
                tables.stream().filter(table -> !hidden.contains(table)).toList();
        List<Optional<Long>> counts = counter.count(pool, snapshot, open, onDone);
        List<TableRows> rows = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            rows.add(rows(open.get(i), counts.get(i)));
        }
        hidden.forEach(table -> rows.add(rows(table, Optional.of(owners.count(table)))));
        return rows;
    }

    private static TableRows rows(TableInfo table, Optional<Long> count) {
        return new TableRows(table.schema(), table.name(), table.condition(), count);
    }
}
