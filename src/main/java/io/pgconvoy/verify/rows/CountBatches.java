package io.pgconvoy.verify.rows;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.ByteSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** Shares out tables among queries: a big table has one to itself, small ones go together. */
public final class CountBatches {
    private static final long BATCH_BYTES = ByteSize.ofMegabytes(16).bytes();
    private static final int BATCH_TABLES = 50;

    private CountBatches() {}

    /** Batches of table numbers, the biggest tables first; a materialized view is alone, since it may be in use. */
    static List<List<Integer>> of(List<TableInfo> tables) {
        return of(
                tables.stream().map(TableInfo::bytes).toList(),
                number -> tables.get(number).materializedView());
    }

    /** The same of other things; those that are to be alone are in no batch with others, and come last. */
    public static List<List<Integer>> of(List<Long> sizes, IntPredicate alone) {
        List<Integer> together = new ArrayList<>();
        List<List<Integer>> single = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            if (alone.test(i)) {
                single.add(List.of(i));
            } else {
                together.add(i);
            }
        }
        List<List<Integer>> batches = new ArrayList<>();
        for (List<Integer> batch : ofSizes(together.stream().map(sizes::get).toList())) {
            batches.add(batch.stream().map(together::get).toList());
        }
        batches.addAll(single);
        return batches;
    }

    /** Batches of the numbers of tables, or of parts of tables, of these sizes in bytes, the biggest first. */
    private static List<List<Integer>> ofSizes(List<Long> sizes) {
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
    static String query(List<TableInfo> tables, List<Integer> batch) {
        List<String> counts = new ArrayList<>();
        for (int number : batch) {
            TableInfo table = tables.get(number);
            counts.add("SELECT " + number + ", pg_catalog.count(*) FROM " + table.target()
                    + table.condition().map(text -> " " + text).orElse(""));
        }
        return String.join(" UNION ALL ", counts);
    }
}
