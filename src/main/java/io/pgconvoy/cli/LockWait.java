package io.pgconvoy.cli;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.RunPolicy;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The options {@code --lock-wait-timeout} and {@code --reconnect-timeout}. */
final class LockWait {
    static final String DESCRIPTION =
            "The most to wait for a table that somebody has locked: 90s, 10m, 2h. Default: 30m";

    private static final String OPTION = "--lock-wait-timeout";
    private static final Duration DEFAULT = Duration.ofMinutes(30);

    /** lock_timeout is a number of milliseconds of 31 bits. */
    private static final Duration MOST = Duration.ofHours(500);

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|min|m|h)");

    private LockWait() {}

    /** @throws PgconvoyException of kind USAGE where it is no duration */
    static Duration parse(String text) {
        return parse(OPTION, text, DEFAULT);
    }

    /** How long a server that is gone is waited for. */
    static Duration reconnect(String text) {
        return parse("--reconnect-timeout", text, RunPolicy.DEFAULT.reconnectTimeout());
    }

    private static Duration parse(String option, String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw PgconvoyException.usage(
                    option + ": '" + text + "' is no duration", "Give a number with its unit: 90s, 10m, 2h.");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofMinutes(number);
        };
        if (duration.isZero() || duration.compareTo(MOST) > 0) {
            throw PgconvoyException.usage(
                    option + ": " + text + " is out of range",
                    "Give between 1ms and 500h; the default is " + otherwise.toMinutes() + "m.");
        }
        return duration;
    }
}
