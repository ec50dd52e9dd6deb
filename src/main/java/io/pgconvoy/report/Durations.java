package io.pgconvoy.report;

import java.time.Duration;
import java.util.Locale;

/** Durations for people: {@code 4.2 s}, {@code 3m05s}, {@code 1h02m}; cut off, never rounded up. */
public final class Durations {
    private Durations() {}

    /** To a tenth of a second below a minute. A negative duration, from a clock that was set back, is shown as 0. */
    public static String text(Duration duration) {
        long tenths = Math.max(0, duration.toMillis() / 100);
        if (tenths < 600) {
            return String.format(Locale.ROOT, "%d.%d s", tenths / 10, tenths % 10);
        }
        return running(duration);
    }

    /** To the second, for a duration that is still growing on the screen. */
    public static String running(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
        }
        return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
    }
}
