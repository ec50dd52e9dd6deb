package io.pgconvoy.report;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.DeferredSummary;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Summaries to show. */
final class Summaries {
    static final Instant START = Instant.parse("2026-11-20T14:03:05.678Z");

    private Summaries() {}

    /** One database of each outcome, names that hurt among them. */
    static Summary ofEveryOutcome() {
        return new Summary(
                "0.1.0",
                new ServerSummary("old.example", 5432, "9.6.24"),
                new ServerSummary("new.example", 5433, "18.6"),
                START,
                Duration.ofMillis(3_725_250),
                Duration.ofSeconds(63),
                List.of(
                        new DatabaseSummary(
                                new DatabaseName("shop"),
                                ByteSize.ofMegabytes(1200),
                                Optional.of(1234L),
                                Optional.of(12_345_678L),
                                time(125_000),
                                time(240_000),
                                time(4_250),
                                Optional.of(new DeferredSummary(
                                        2,
                                        Optional.of(START.plusSeconds(370)),
                                        time(61_000),
                                        time(180_000),
                                        time(90_500),
                                        time(2_000))),
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(380),
                                Event.Outcome.COMPLETE,
                                "",
                                List.of()),
                        database("日本語", Event.Outcome.WARNINGS, "statistics differ"),
                        database("new\nline", Event.Outcome.FAILED, "pg_restore: exit status 1\u001b[31m"),
                        database("done", Event.Outcome.EARLIER, ""),
                        database("begun", Event.Outcome.INTERRUPTED, "restored"),
                        database("late", Event.Outcome.NOT_REACHED, "")),
                List.of("created role \"app\""),
                List.of("the target has no zstd"),
                List.of(new Failure(ErrorKind.TARGET, "one database failed", "")),
                Optional.empty(),
                3);
    }

    /** What is behind two dashes is what to do about it. */
    private static Failure failure(String line) {
        String[] parts = line.split(" -- ", 2);
        return new Failure(
                Optional.of(ErrorKind.TARGET),
                parts[0],
                parts.length == 1 ? "" : parts[1],
                Optional.of("42704"),
                Optional.of("TYPE public mood postgres"));
    }

    static Optional<Span> time(long millis) {
        return Optional.of(new Span(START, Duration.ofMillis(millis)));
    }

    private static Optional<Long> tables(Event.Outcome outcome) {
        boolean compared = outcome == Event.Outcome.WARNINGS || outcome == Event.Outcome.EARLIER;
        return compared ? Optional.of(3L) : Optional.empty();
    }

    static DatabaseSummary database(String name, Event.Outcome outcome, String detail) {
        return new DatabaseSummary(
                new DatabaseName(name),
                ByteSize.ofMegabytes(8),
                tables(outcome),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ZERO,
                Duration.ZERO,
                outcome,
                outcome == Event.Outcome.FAILED ? failure(detail).line() : detail,
                outcome == Event.Outcome.FAILED ? List.of(failure(detail)) : List.of());
    }
}
