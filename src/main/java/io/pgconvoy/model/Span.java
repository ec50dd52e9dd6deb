package io.pgconvoy.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** When something ran. */
public record Span(Instant startedAt, Duration elapsed) {
    public Instant endedAt() {
        return startedAt.plus(elapsed);
    }

    /** The time in which at least one of them was going on. */
    public static Duration covered(List<Span> spans) {
        Duration covered = Duration.ZERO;
        Instant reached = Instant.MIN;
        for (Span span :
                spans.stream().sorted(Comparator.comparing(Span::startedAt)).toList()) {
            if (span.endedAt().isAfter(reached)) {
                Instant from = span.startedAt().isAfter(reached) ? span.startedAt() : reached;
                reached = span.endedAt();
                covered = covered.plus(Duration.between(from, reached));
            }
        }
        return covered;
    }

    /** The time in which both lanes were busy at once. */
    public static Duration overlap(List<Span> one, List<Span> other) {
        return covered(one)
                .plus(covered(other))
                .minus(covered(Stream.concat(one.stream(), other.stream()).toList()));
    }
}
