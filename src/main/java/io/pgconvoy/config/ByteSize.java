package io.pgconvoy.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes.
 *
 * @param bytes at least 0
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
    private static final Pattern TEXT = Pattern.compile("([0-9]+)\\s*([A-Za-z]*)");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is at least 0: " + bytes);
        }
    }

    public static ByteSize ofMegabytes(long megabytes) {
        return new ByteSize(megabytes * 1024 * 1024);
    }

    /**
     * Reads a whole number and a unit: {@code 512MB}, {@code 10 gb}; without a unit, bytes. A kB is 1024 bytes, as with
     * PostgreSQL.
     *
     * @param option the option as the user typed it, for the error
     * @throws PgconvoyException of kind USAGE where that is no size, or one that is too big to be one
     */
    public static ByteSize parse(String option, String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (matcher.matches()) {
            long factor = 1;
            for (String unit : UNITS) {
                if (unit.equalsIgnoreCase(matcher.group(2)) || matcher.group(2).isEmpty()) {
                    return new ByteSize(multiply(option, text, matcher.group(1), factor));
                }
                factor *= 1024;
            }
        }
        throw noSize(option, text, "is no size");
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

    private static long multiply(String option, String text, String number, long factor) {
        try {
            return Math.multiplyExact(Long.parseLong(number), factor);
        } catch (NumberFormatException | ArithmeticException tooBig) {
            throw noSize(option, text, "is too big");
        }
    }

    private static PgconvoyException noSize(String option, String text, String what) {
        return PgconvoyException.usage(
                option + ": '" + text + "' " + what, "Give a whole number and kB, MB, GB or TB: 512MB, 10GB.");
    }
}
