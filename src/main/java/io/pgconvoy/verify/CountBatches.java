package io.pgconvoy.verify;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Shares out tables among queries: a big table has one to itself, small ones go together. */
public final class CountBatches {
    private static final long BATCH_BYTES = ByteSize.ofMegabytes(16).bytes();
    private static final int BATCH_TABLES = 50;

    private CountBatches() {}

    /** Batches of table numbers, the biggest tables first. */
    static List<List<Integer>> of(List<CountedTable> tables) {
        return ofSizes(tables.stream().map(CountedTable::bytes).toList());
    }

    /** Batches of the numbers of tables, or of parts of tables, of these sizes in bytes, the biggest first. */
    public static List<List<Integer>> ofSizes(List<Long> sizes) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing((Integer i) -> sizes.get(i)).reversed());
        List<List<Integer>> batches = new ArrayList<>();
        List<Integer> batch = new ArrayList<>();
        long bytes = 0;
        for (int number : order) {
            long size = sizes.get(number);
            if (!batch.isEmpty() && (bytes + size > BATCH_BYTES || batch.size() == BATCH_TABLES)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(number);
            bytes += size;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /** One query that counts a batch: rows of (table number, count). */
    static String query(List<CountedTable> tables, List<Integer> batch) {
        List<String> counts = new ArrayList<>();
        for (int number : batch) {
            CountedTable table = tables.get(number);
            // ONLY, since the rows of an inheritance child are counted with the child.
            counts.add("SELECT " + number + ", pg_catalog.count(*) FROM " + (table.partitioned() ? "" : "ONLY ")
                    + Sql.qualified(table.schema(), table.name())
                    + table.condition().map(text -> " " + text).orElse(""));
        }
        return String.join(" UNION ALL ", counts);
    }
}
