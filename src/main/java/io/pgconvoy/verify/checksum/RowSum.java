package io.pgconvoy.verify.checksum;

import java.math.BigInteger;
import java.util.Locale;

/**
 * The sum of the digests of rows: of both halves of each digest, as signed numbers of 64 bits. A sum does not depend on
 * the order, and two equal rows do not cancel each other out.
 */
record RowSum(long rows, BigInteger high, BigInteger low) {
    static final RowSum NONE = new RowSum(0, BigInteger.ZERO, BigInteger.ZERO);

    /** How checksums are made; those of different versions say nothing about each other. */
    private static final String VERSION = "1";

    private static final BigInteger MASK = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    RowSum plus(RowSum other) {
        return new RowSum(rows + other.rows, high.add(other.high), low.add(other.low));
    }

    /** For comparing, and for a marker: {@code 1:} and 32 hexadecimal digits. */
    String checksum() {
        return String.format(
                Locale.ROOT,
                "%s:%016x%016x",
                VERSION,
                high.and(MASK).longValue(),
                low.and(MASK).longValue());
    }
}
