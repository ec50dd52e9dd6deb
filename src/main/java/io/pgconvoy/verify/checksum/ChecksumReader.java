package io.pgconvoy.verify.checksum;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.verify.rows.CountBatches;
import io.pgconvoy.verify.rows.ReadTransactions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Has a server compute, for each table of a database, how many rows it has and a checksum of them. Two tables with the
 * same columns and equal rows have the same checksum, on servers of whatever versions and in whatever order the rows
 * are. Safe for use by many threads.
 */
public final class ChecksumReader {
    /** Small enough that the last part of a table does not keep the others waiting for long. */
    private static final ByteSize PART = ByteSize.ofMegabytes(128);

    private final ReadTransactions transactions;
    private final ByteSize partSize;

    public ChecksumReader(ReadTransactions transactions) {
        this(transactions, PART);
    }

    /** @param partSize about how much of a large table one query reads */
    ChecksumReader(ReadTransactions transactions, ByteSize partSize) {
        this.transactions = transactions;
        this.partSize = partSize;
    }

    /**
     * Reads every table, large ones in parts where the server can.
     *
     * @param snapshot the snapshot to read in; empty for the present
     * @param which the tables that matter
     * @param onDone told how many tables are done so far
     * @return by schema and name
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public List<TableRows> read(
            DatabaseName database, Optional<SnapshotHolder> snapshot, Predicate<TableInfo> which, LongConsumer onDone) {
        try (SessionPool pool = transactions.sessions(database)) {
            List<DigestTable> tables = transactions.list(
                    pool, snapshot, "listing tables", session -> DigestTableReader.read(session, which));
            List<Optional<RowSum>> sums = sums(pool, snapshot, tables, onDone);
            List<TableRows> rows = new ArrayList<>();
            for (int i = 0; i < sums.size(); i++) {
                TableInfo table = tables.get(i).table();
                rows.add(new TableRows(
                        table.schema(),
                        table.name(),
                        table.condition(),
                        sums.get(i).map(RowSum::rows),
                        sums.get(i).map(RowSum::checksum)));
            }
            return rows;
        }
    }

    /** Of each table; empty for a materialized view that somebody has locked. */
    private List<Optional<RowSum>> sums(
            SessionPool pool, Optional<SnapshotHolder> snapshot, List<DigestTable> tables, LongConsumer onDone) {
        List<TablePart> parts = TablePart.of(tables, partSize);
        List<Optional<RowSum>> sums = new ArrayList<>(Collections.nCopies(tables.size(), Optional.of(RowSum.NONE)));
        AtomicInteger[] open = new AtomicInteger[tables.size()];
        for (int i = 0; i < open.length; i++) {
            open[i] = new AtomicInteger();
        }
        parts.forEach(part -> open[part.table()].incrementAndGet());
        List<List<Integer>> batches = CountBatches.of(
                parts.stream().map(TablePart::bytes).toList(),
                number -> tables.get(parts.get(number).table()).table().materializedView());
        AtomicInteger done = new AtomicInteger();
        transactions.forEach("checksum", pool, batches, numbers -> {
            List<TablePart> batch = numbers.stream().map(parts::get).toList();
            List<TableInfo> which = batch.stream()
                    .map(part -> tables.get(part.table()).table())
                    .distinct()
                    .toList();
            Optional<List<RowSum>> read = transactions.read(pool, snapshot, which, "computing checksums", session -> {
                DigestSession.pin(session);
                return sums(session, tables, batch);
            });
            synchronized (sums) {
                for (int i = 0; i < batch.size(); i++) {
                    int table = batch.get(i).table();
                    int number = i;
                    sums.set(table, sums.get(table).flatMap(sum -> read.map(more -> sum.plus(more.get(number)))));
                }
            }
            int finished = (int) batch.stream()
                    .filter(part -> open[part.table()].decrementAndGet() == 0)
                    .count();
            onDone.accept(done.addAndGet(finished));
        });
        return sums;
    }

    /** The sums of a batch's parts, in their order. */
    private static List<RowSum> sums(Session session, List<DigestTable> tables, List<TablePart> batch) {
        if (batch.stream().anyMatch(part -> part.range().isPresent())) {
            DigestSession.readRanges(session);
        }
        List<String> queries = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            DigestTable table = tables.get(batch.get(i).table());
            String range =
                    batch.get(i).range().map(condition -> " WHERE " + condition).orElse("");
            queries.add(SumQuery.of(String.valueOf(i), table.digest(), table.rows() + range));
        }
        RowSum[] sums = new RowSum[batch.size()];
        UserRows.list(session, String.join(" UNION ALL ", queries), row -> sums[row.getInt(1)] = SumQuery.read(row, 2));
        return List.of(sums);
    }
}
