package io.pgconvoy.benchmark;

import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a database holds, as numbers: its relations by kind, valid indexes, validated constraints, large objects and their
 * bytes, and the rows of every table.
 */
record FleetContents(SortedMap<String, Long> numbers) {
    static FleetContents of(Session session) {
        SortedMap<String, Long> numbers = new TreeMap<>();
        session.each("""
                WITH class AS (
                  SELECT oid, relkind FROM pg_class
                  WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_|^information_schema$')
                )
                SELECT 'relations of kind ' || relkind::text, count(*) FROM class WHERE relkind NOT IN ('i', 'I') GROUP BY 1
                UNION ALL
                SELECT 'valid indexes', count(*) FROM class JOIN pg_index ON indexrelid = oid WHERE indisvalid
                UNION ALL
                SELECT 'constraints of kind ' || contype::text, count(*) FROM pg_constraint JOIN class ON class.oid = conrelid
                WHERE convalidated AND contype <> 'n' GROUP BY 1
                UNION ALL
                SELECT 'large objects', count(*) FROM pg_largeobject_metadata
                UNION ALL
                SELECT 'bytes of large objects', coalesce(sum(length(data)), 0) FROM pg_largeobject
                """, row -> numbers.put(row.getString(1), row.getLong(2)));
        List<String> tables = session.texts("""
                SELECT oid::regclass::text FROM pg_class
                WHERE relkind = 'r'
                  AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_|^information_schema$')
                """);
        for (String table : tables) {
            numbers.put("rows of " + table, session.number("SELECT count(*) FROM ONLY " + table));
        }
        return new FleetContents(numbers);
    }

    /** What the other one has not as it is here, in words. */
    List<String> differences(FleetContents other) {
        List<String> differences = new ArrayList<>();
        for (Map.Entry<String, Long> number : numbers.entrySet()) {
            long found = other.numbers.getOrDefault(number.getKey(), 0L);
            if (found != number.getValue()) {
                differences.add(number.getKey() + ": " + found + " of " + number.getValue());
            }
        }
        return differences;
    }

    long rows() {
        return numbers.entrySet().stream()
                .filter(number -> number.getKey().startsWith("rows of "))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
