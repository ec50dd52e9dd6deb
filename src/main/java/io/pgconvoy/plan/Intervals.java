package io.pgconvoy.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sums spans of time that may overlap. */
public final class Intervals {
    private Intervals() {}

    /** A span of time. */
    public record Interval(Instant start, Instant end) {}

    /** The time in which at least one of them was going on. */
    public static Duration covered(List<Interval> intervals) {
        List<Interval> sorted = new ArrayList<>(intervals);
        sorted.sort(Comparator.comparing(Interval::start));
        Duration covered = Duration.ZERO;
        Instant reached = Instant.MIN;
        for (Interval interval : sorted) {
            if (interval.end().isAfter(reached)) {
                Instant from = interval.start().isAfter(reached) ? interval.start() : reached;
                covered = covered.plus(Duration.between(from, interval.end()));
                reached = interval.end();
            }
        }
        return covered;
    }

    /** The time in which both lanes were busy at once. */
    public static Duration overlap(List<Interval> one, List<Interval> other) {
        List<Interval> both = new ArrayList<>(one);
        both.addAll(other);
        return covered(one).plus(covered(other)).minus(covered(both));
    }
}
