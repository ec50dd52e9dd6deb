package io.pgconvoy.verify.checksum;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.verify.rows.ReadTransactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;

/**
 * Has a server compute a checksum of its large objects, in chunks, so that neither their number nor their size matters.
 * What was never written in between reads as zeros, which is how it is copied. Needs the right to read each of them, as
 * a dump does, and nothing else. Safe for use by many threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/lo-funcs.html">Server-Side Functions</a> ({@code lo_get})
 */
public final class LargeObjectSums {
    private static final long CHUNK = 1L << 20;

    /** Chunks of one large object by one query. */
    private static final int CHUNKS_AT_ONCE = 64;

    /** Large objects by one query. */
    private static final int OBJECTS_AT_ONCE = 2000;

    private static final String DOING = "computing the checksum of large objects";

    private final ReadTransactions transactions;
    private final long chunk;

    public LargeObjectSums(ReadTransactions transactions) {
        this(transactions, CHUNK);
    }

    /** @param chunk how many bytes of a large object are digested at once; decides what its checksum is */
    LargeObjectSums(ReadTransactions transactions, long chunk) {
        this.transactions = transactions;
        this.chunk = chunk;
    }

    /** How to put large objects into groups: the same thing in SQL, over {@code oid}, and in Java. */
    private record Grouping(String sql, LongUnaryOperator java) {}

    /** What is read, and where it is gathered. */
    private record Reading(SessionPool pool, Optional<String> snapshot, Grouping grouping, Map<Long, RowSum> sums) {
        void add(long group, RowSum sum) {
            synchronized (sums) {
                sums.merge(group, sum, RowSum::plus);
            }
        }
    }

    /**
     * Reads all large objects.
     *
     * @param snapshot the exported snapshot to read in; empty for the present
     * @throws PgconvoyException of the server's kind when a query fails, also for want of the right to read one
     */
    public LargeObjectSum read(DatabaseName database, Optional<String> snapshot) {
        try (SessionPool pool = transactions.sessions(database)) {
            Map<Long, RowSum> sums = new HashMap<>();
            Reading reading = new Reading(pool, snapshot, new Grouping("0", oid -> 0), sums);
            long number = gather(reading, "true");
            return new LargeObjectSum(number, sums.getOrDefault(0L, RowSum.NONE).checksum());
        }
    }

    /** Checksums of groups of large objects, by the remainder of their OIDs. */
    Map<Long, String> byRemainder(DatabaseName database, Optional<String> snapshot, int divisor) {
        return grouped(
                database, snapshot, new Grouping("oid::pg_catalog.int8 % " + divisor, oid -> oid % divisor), "true");
    }

    /** Checksums of single large objects, by OID: those whose OIDs leave this remainder. */
    Map<Long, String> single(DatabaseName database, Optional<String> snapshot, int divisor, long remainder) {
        return grouped(
                database,
                snapshot,
                new Grouping("oid::pg_catalog.int8", oid -> oid),
                "oid::pg_catalog.int8 % " + divisor + " = " + remainder);
    }

    private Map<Long, String> grouped(
            DatabaseName database, Optional<String> snapshot, Grouping grouping, String which) {
        try (SessionPool pool = transactions.sessions(database)) {
            Map<Long, RowSum> sums = new HashMap<>();
            gather(new Reading(pool, snapshot, grouping, sums), which);
            Map<Long, String> checksums = new HashMap<>();
            sums.forEach((group, sum) -> checksums.put(group, sum.checksum()));
            return checksums;
        }
    }

    /** Sums up what is wanted and returns how many large objects that is. */
    private long gather(Reading reading, String which) {
        List<Long> starts = query(reading, session -> longs(session, """
                SELECT oid FROM (SELECT oid, pg_catalog.row_number() OVER (ORDER BY oid) AS n
                                   FROM pg_catalog.pg_largeobject_metadata WHERE %s) AS o
                 WHERE n %% %d = 1 ORDER BY oid
                """.formatted(which, OBJECTS_AT_ONCE)));
        List<String> ranges = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            ranges.add(which + " AND oid >= '" + starts.get(i) + "'::pg_catalog.oid"
                    + (i + 1 < starts.size() ? " AND oid < '" + starts.get(i + 1) + "'::pg_catalog.oid" : ""));
        }
        Queue<Long> longOnes = new ConcurrentLinkedQueue<>();
        transactions.forEach(
                "large-objects", reading.pool(), ranges, range -> longOnes.addAll(firstChunks(reading, range)));
        transactions.forEach("large-objects", reading.pool(), longOnes, oid -> furtherChunks(reading, oid));
        return query(
                        reading,
                        session -> longs(
                                session,
                                "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata WHERE " + which))
                .get(0);
    }

    /** Sums up the first chunks of a range of large objects and returns the OIDs of those that have more. */
    private List<Long> firstChunks(Reading reading, String range) {
        String metadata = "pg_catalog.pg_largeobject_metadata WHERE " + range;
        // Volatile as it is, lo_get is called but once for each row.
        String chunks =
                "(SELECT oid, 0 AS k, pg_catalog.lo_get(oid, 0, " + chunk + ") AS d FROM " + metadata + ") AS c";
        return query(reading, session -> {
            session.each(
                    SumQuery.grouped(reading.grouping().sql(), digest("oid"), chunks),
                    row -> reading.add(row.getLong(1), SumQuery.read(row, 2)));
            return longs(
                    session,
                    "SELECT oid FROM " + metadata + " AND pg_catalog.octet_length(pg_catalog.lo_get(oid, " + chunk
                            + ", 1)) > 0");
        });
    }

    private void furtherChunks(Reading reading, long oid) {
        String literal = "'" + oid + "'::pg_catalog.oid";
        long group = reading.grouping().java().applyAsLong(oid);
        long from = 1;
        long read = CHUNKS_AT_ONCE;
        while (read == CHUNKS_AT_ONCE) {
            String chunks = "(SELECT k, pg_catalog.lo_get(" + literal + ", k * " + chunk + "::pg_catalog.int8, " + chunk
                    + ") AS d FROM pg_catalog.generate_series(" + from + ", " + (from + CHUNKS_AT_ONCE - 1)
                    + ") AS k) AS c WHERE pg_catalog.octet_length(d) > 0";
            RowSum sum = query(
                            reading,
                            session -> session.first(
                                    SumQuery.of("0", digest(literal), chunks), row -> SumQuery.read(row, 2)))
                    .orElseThrow();
            reading.add(group, sum);
            read = sum.rows();
            from += CHUNKS_AT_ONCE;
        }
    }

    private static String digest(String oid) {
        return RowDigest.digestOfRow(List.of(oid, "k", "pg_catalog.octet_length(d)", "pg_catalog.md5(d)"));
    }

    private <T> T query(Reading reading, Function<Session, T> work) {
        return transactions.run(reading.pool(), reading.snapshot(), DOING, session -> {
            DigestSession.pin(session);
            return work.apply(session);
        });
    }

    private static List<Long> longs(Session session, String sql) {
        return session.list(sql, row -> row.getLong(1));
    }
}
