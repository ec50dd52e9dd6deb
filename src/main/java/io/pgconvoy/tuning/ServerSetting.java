package io.pgconvoy.tuning;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A setting as a fresh session sees it, from pg_settings.
 *
 * @param name in the server's own spelling
 * @param value a number in units, or a word
 * @param unit such as kB, MB, 16MB (before 10) or s; empty for plain numbers and words
 * @param source where the value comes from, in pg_settings's words
 * @param most the largest value that the server accepts, in units; empty for words
 * @param changeable whether this role may change it with ALTER SYSTEM
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-settings.html">pg_settings</a>
 */
record ServerSetting(
        String name, String value, Optional<String> unit, String source, Optional<String> most, boolean changeable) {
    private static final Pattern UNIT = Pattern.compile("(\\d*)([A-Za-z]+)");
    /** Everything that ranks above postgresql.auto.conf is another source than these. */
    private static final Set<String> BELOW_ALTER_SYSTEM =
            Set.of("default", "environment variable", "configuration file");

    /** Where a value is given that ALTER SYSTEM does not prevail over; empty where it does. */
    Optional<String> prevailing() {
        if (BELOW_ALTER_SYSTEM.contains(source)) {
            return Optional.empty();
        }
        return Optional.of(
                switch (source) {
                    case "command line" -> "on the server's command line";
                    case "global" -> "by ALTER ROLE ALL SET";
                    case "database" -> "by ALTER DATABASE SET";
                    case "user" -> "by ALTER ROLE SET";
                    case "database user" -> "by ALTER ROLE IN DATABASE SET";
                    default -> "by \"" + source + "\"";
                });
    }

    /** The value in the one spelling that this package writes and compares: {@code 8GB}, {@code 0.9}, {@code off}. */
    String text() {
        return unit.isEmpty() ? value : text(Long.parseLong(value));
    }

    /**
     * The spelling of at least this amount, if that is more than there is now.
     *
     * @param amount in bytes, seconds, or whatever the setting is about
     */
    Optional<String> raisedTo(long amount) {
        long units = amount / unitSize();
        long allowed = most.map(number -> new BigDecimal(number).longValue()).orElse(Long.MAX_VALUE);
        long raised = Math.min(units, allowed);
        return raised > Long.parseLong(value) ? Optional.of(text(raised)) : Optional.empty();
    }

    /** The value in bytes, seconds, or whatever the setting is about. */
    long amount() {
        return Long.parseLong(value) * unitSize();
    }

    /** In the largest unit that fits, so that equal amounts have equal texts. */
    private String text(long units) {
        Matcher matcher = unitMatcher();
        long number = units * factor(matcher);
        String suffix = matcher.group(2);
        for (Unit larger = Unit.above(suffix); larger != null && number > 0; larger = Unit.above(suffix)) {
            if (number % larger.size != 0) {
                break;
            }
            number /= larger.size;
            suffix = larger.suffix;
        }
        return number + suffix;
    }

    private long unitSize() {
        Matcher matcher = unitMatcher();
        return factor(matcher)
                * switch (matcher.group(2)) {
                    case "B", "s" -> 1L;
                    case "kB" -> 1024L;
                    case "MB" -> 1024L * 1024L;
                    case "min" -> 60L;
                    default -> throw new IllegalStateException(name + " has an unknown unit: " + unit);
                };
    }

    private Matcher unitMatcher() {
        Matcher matcher = UNIT.matcher(unit.orElse(""));
        if (!matcher.matches()) {
            throw new IllegalStateException(name + " has no unit: " + unit);
        }
        return matcher;
    }

    private static long factor(Matcher matcher) {
        return matcher.group(1).isEmpty() ? 1 : Long.parseLong(matcher.group(1));
    }

    /** A unit that is a multiple of another one. */
    private enum Unit {
        MEGABYTES("MB", "kB", 1024),
        GIGABYTES("GB", "MB", 1024),
        MINUTES("min", "s", 60);

        private final String suffix;
        private final String below;
        private final int size;

        Unit(String suffix, String below, int size) {
            this.suffix = suffix;
            this.below = below;
            this.size = size;
        }

        /** The next larger unit, or null. */
        private static Unit above(String suffix) {
            for (Unit unit : values()) {
                if (unit.below.equals(suffix)) {
                    return unit;
                }
            }
            return null;
        }
    }
}
