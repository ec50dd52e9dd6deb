package io.pgconvoy.config;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * How pg_dump compresses an archive's data.
 *
 * @param method the algorithm
 * @param level the algorithm's level, or empty for its own default
 */
public record Compression(Method method, OptionalInt level) {
    /** The algorithms that pg_dump knows. */
    public enum Method {
        GZIP(1, 9),
        LZ4(1, 12),
        ZSTD(1, 22),
        NONE(0, 0);

        private final int lowest;
        private final int highest;

        Method(int lowest, int highest) {
            this.lowest = lowest;
            this.highest = highest;
        }
    }

    /** What is taken unless the user says otherwise; see docs/performance.md for the measurements. */
    public static final Compression ZSTD_1 = new Compression(Method.ZSTD, OptionalInt.of(1));

    /** For clients that do not know zstd (before 16). */
    public static final Compression GZIP_1 = new Compression(Method.GZIP, OptionalInt.of(1));

    /**
     * Parses {@code METHOD[:LEVEL]}.
     *
     * @throws PgconvoyException of kind USAGE
     */
    public static Compression parse(String text) {
        String[] parts = text.split(":", -1);
        Method method;
        try {
            method = Method.valueOf(parts[0].toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw wrong(text);
        }
        if (parts.length == 1) {
            return new Compression(method, OptionalInt.empty());
        }
        if (parts.length > 2 || method == Method.NONE || !parts[1].matches("[0-9]{1,2}")) {
            throw wrong(text);
        }
        int level = Integer.parseInt(parts[1]);
        if (level < method.lowest || level > method.highest) {
            throw PgconvoyException.usage(
                    "--compress: " + parts[0] + " has no level " + level,
                    "Levels of " + parts[0] + " go from " + method.lowest + " to " + method.highest + ".");
        }
        return new Compression(method, OptionalInt.of(level));
    }

    private static PgconvoyException wrong(String text) {
        return PgconvoyException.usage(
                "--compress: '" + text + "' is not METHOD[:LEVEL]",
                "Methods are zstd, gzip, lz4 and none: zstd:1, say.");
    }

    @Override
    public String toString() {
        String name = method.name().toLowerCase(Locale.ROOT);
        return level.isPresent() ? name + ":" + level.getAsInt() : name;
    }
}
