package io.pgconvoy.verify.rows;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.verify.checksum.ChecksumReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** Finds out what each table's rows are compared by: nothing, an estimate, their number, or that and a checksum. */
public final class TableRowsReader {
    private final ReadTransactions transactions;
    private final ChecksumReader checksums;
    private final VerifyLevel level;

    public TableRowsReader(ReadTransactions transactions, VerifyLevel level) {
        this.transactions = transactions;
        this.checksums = new ChecksumReader(transactions);
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
        try (SessionPool pool = transactions.sessions(database)) {
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
        boolean lifts = transactions.server().side() == Side.TARGET && snapshot.isEmpty();
        OwnersCount owners = new OwnersCount(pool);
        Set<TableInfo> hidden = lifts ? owners.hidden(tables) : Set.of();
        List<TableInfo> open =
                tables.stream().filter(table -> !hidden.contains(table)).toList();
        List<Optional<Long>> counts = counts(pool, snapshot, open, onDone);
        List<TableRows> rows = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            rows.add(rows(open.get(i), counts.get(i)));
        }
        hidden.forEach(table -> rows.add(rows(table, Optional.of(owners.count(table)))));
        return rows;
    }

    /** In the order of the tables; empty for a materialized view that somebody has locked. */
    private List<Optional<Long>> counts(
            SessionPool pool, Optional<SnapshotHolder> snapshot, List<TableInfo> tables, LongConsumer onCounted) {
        List<Optional<Long>> counts = Collections.synchronizedList(
                new ArrayList<>(Collections.nCopies(tables.size(), Optional.<Long>empty())));
        AtomicInteger done = new AtomicInteger();
        List<List<Integer>> batches = CountBatches.of(tables);
        boolean few = batches.size() == 1 && tables.stream().noneMatch(TableInfo::materializedView);
        transactions.forEach("count", pool, batches, batch -> {
            String query = CountBatches.query(tables, batch);
            Function<Session, List<Object>> counting = session ->
                    UserRows.list(session, query, row -> counts.set(row.getInt(1), Optional.of(row.getLong(2))));
            if (few) {
                transactions.readHeld(pool, snapshot, tables, "counting rows", counting);
            } else {
                transactions.read(
                        pool, snapshot, batch.stream().map(tables::get).toList(), "counting rows", counting);
            }
            onCounted.accept(done.addAndGet(batch.size()));
        });
        return List.copyOf(counts);
    }

    private static TableRows rows(TableInfo table, Optional<Long> count) {
        return new TableRows(table.schema(), table.name(), table.condition(), count);
    }
}
