package io.pgconvoy.config;

import java.util.Locale;

/**
 * A number of bytes.
 *
 * @param bytes at least 0
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is at least 0: " + bytes);
        }
    }

    public static ByteSize ofMegabytes(long megabytes) {
        return new ByteSize(megabytes * 1024 * 1024);
    }

    public long megabytes() {
        return bytes / (1024 * 1024);
    }

    public ByteSize plus(ByteSize other) {
        return new ByteSize(bytes + other.bytes);
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** For people: three digits at most and PostgreSQL's units (1 kB is 1024 bytes). */
    @Override
    public String toString() {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1000 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        String format = unit > 0 && amount < 10 ? "%.1f %s" : "%.0f %s";
        return String.format(Locale.ROOT, format, amount, UNITS[unit]);
    }
}
