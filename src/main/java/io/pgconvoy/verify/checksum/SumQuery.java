package io.pgconvoy.verify.checksum;

import io.pgconvoy.postgres.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** SQL that sums up the digests of rows, and what it answers. */
final class SumQuery {
    /** Three aggregates: how many, and the two sums. */
    private static final String SUMS =
            "pg_catalog.count(*), pg_catalog.sum(pg_catalog.\"substring\"(h, 1, 64)::pg_catalog.int8),"
                    + " pg_catalog.sum(pg_catalog.\"substring\"(h, 65, 64)::pg_catalog.int8)";

    private SumQuery() {}

    /**
     * One row of how many and the two sums.
     *
     * @param label what comes before, as SQL
     * @param digest of a row: 32 hexadecimal digits
     * @param from what follows FROM
     */
    static String of(String label, String digest, String from) {
        return "SELECT " + label + ", " + SUMS + " FROM (SELECT " + bits(digest) + " FROM " + from + ") AS s";
    }

    /**
     * The same for each group.
     *
     * @param group an expression over the rows of {@code from}
     */
    static String grouped(String group, String digest, String from) {
        return "SELECT g, " + SUMS + " FROM (SELECT " + group + " AS g, " + bits(digest) + " FROM " + from
                + ") AS s GROUP BY g";
    }

    /** A volatile function keeps the planner from putting the digest, twice, where it is summed up. */
    private static String bits(String digest) {
        return "('x' || " + digest + ")::pg_catalog.\"bit\"(128) AS h, pg_catalog.clock_timestamp()";
    }

    /** Reads the three columns that begin at this one. */
    static RowSum read(Row row, int column) {
        return new RowSum(row.getLong(column), sum(row, column + 1), sum(row, column + 2));
    }

    private static BigInteger sum(Row row, int column) {
        return Optional.ofNullable(row.get(column, BigDecimal.class))
                .map(BigDecimal::toBigIntegerExact)
                .orElse(BigInteger.ZERO);
    }
}
