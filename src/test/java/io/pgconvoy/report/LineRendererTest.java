package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineRendererTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName ODD = new DatabaseName("new\nline \u001b[2J");

    private final ManualClock clock = new ManualClock();
    private final Output output = new Output();
    private final LineRenderer renderer = new LineRenderer(output.stream(), clock);

    @Test
    void tellsADatabasesWayInLinesWithTheLocalTime() {
        renderer.show(new Event.MigrationStarted(List.of(SHOP, ODD), ByteSize.ofMegabytes(30)));
        renderer.show(new Event.PhaseStarted(SHOP, Phase.DUMP, clock.instant()));
        clock.advance(Duration.ofSeconds(10));
        renderer.show(new Event.PhaseFinished(SHOP, Phase.DUMP, Duration.ofSeconds(10)));
        renderer.show(new Event.DatabaseFinished(
                SHOP, ByteSize.ofMegabytes(20), Event.Outcome.COMPLETE, Duration.ofSeconds(11), ""));
        assertThat(output.lines())
                .containsExactly(
                        "2026-11-20T15:03:05 2 databases, 30 MB",
                        "2026-11-20T15:03:05 shop: dump",
                        "2026-11-20T15:03:15 shop: dump took 10.0 s",
                        "2026-11-20T15:03:15 shop: complete, 20 MB in 11.0 s (1/2 databases)");
    }

    @Test
    void tellsProgressEvery30SecondsAtMost() {
        renderer.show(new Event.PhaseStarted(SHOP, Phase.RESTORE, clock.instant()));
        for (int second = 0; second < 65; second++) {
            clock.advance(Duration.ofSeconds(1));
            renderer.show(new Event.PhaseProgress(SHOP, Phase.RESTORE, second, Optional.of(100L), "tables"));
            renderer.tick();
        }
        assertThat(output.lines())
                .containsExactly(
                        "2026-11-20T15:03:05 shop: restore",
                        "2026-11-20T15:03:35 shop: restore, 29 of 100 tables, 30 s",
                        "2026-11-20T15:04:05 shop: restore, 59 of 100 tables, 1m00s");
    }

    @Test
    void saysWhereTheRunStandsWhenAsked() {
        clock.advance(Duration.ofSeconds(5));
        renderer.show(new Event.StatusAsked());
        renderer.show(new Event.MigrationStarted(
                List.of(SHOP, ODD, new DatabaseName("done"), new DatabaseName("later")), ByteSize.ofMegabytes(30)));
        renderer.show(new Event.PhaseStarted(SHOP, Phase.RESTORE, clock.instant()));
        renderer.show(new Event.PhaseProgress(SHOP, Phase.RESTORE, 1, Optional.of(3L), "tables"));
        renderer.show(new Event.PhaseStarted(ODD, Phase.WAIT_SOURCE, clock.instant()));
        renderer.show(new Event.DatabaseFinished(
                new DatabaseName("done"), ByteSize.ofMegabytes(10), Event.Outcome.COMPLETE, Duration.ofSeconds(1), ""));
        clock.advance(Duration.ofSeconds(10));
        renderer.show(new Event.StatusAsked());
        assertThat(output.lines())
                .startsWith("2026-11-20T15:03:10 status: at work for 5 s; no database is being moved at the moment")
                .endsWith(
                        "2026-11-20T15:03:20 status: 1/4 databases, 10 MB of 30 MB, 10 s; 1 under way, 2 to do",
                        "2026-11-20T15:03:20 status: shop: restore, 1 of 3 tables, 10 s");
    }

    @Test
    void countsOneThingInTheSingular() {
        for (String unit : List.of("tables", "indexes", "rows")) {
            renderer.show(new Event.PhaseStarted(SHOP, Phase.DUMP, clock.instant()));
            renderer.show(new Event.PhaseProgress(SHOP, Phase.DUMP, 0, Optional.of(1L), unit));
            clock.advance(Duration.ofSeconds(30));
            renderer.tick();
        }
        assertThat(output.lines())
                .filteredOn(line -> line.contains("0 of"))
                .extracting(line -> line.replaceFirst(".*dump, ", ""))
                .containsExactly("0 of 1 table, 30 s", "0 of 1 index, 30 s", "0 of 1 row, 30 s");
    }

    @Test
    void showsBytesForPeople() {
        renderer.show(new Event.PhaseStarted(SHOP, Phase.DUMP, clock.instant()));
        renderer.show(new Event.PhaseProgress(SHOP, Phase.DUMP, 3L << 20, Optional.empty(), "bytes"));
        clock.advance(Duration.ofSeconds(30));
        renderer.tick();
        assertThat(output.lines()).last().isEqualTo("2026-11-20T15:03:35 shop: dump, 3.0 MB, 30 s");
    }

    @Test
    void keepsShortWaitsToItself() {
        renderer.show(new Event.PhaseStarted(SHOP, Phase.WAIT_TARGET, clock.instant()));
        renderer.show(new Event.PhaseFinished(SHOP, Phase.WAIT_TARGET, Duration.ofMillis(999)));
        assertThat(output.lines()).isEmpty();
        renderer.show(new Event.PhaseStarted(SHOP, Phase.WAIT_TARGET, clock.instant()));
        renderer.show(new Event.PhaseFinished(SHOP, Phase.WAIT_TARGET, Duration.ofSeconds(90)));
        assertThat(output.lines()).containsExactly("2026-11-20T15:03:05 shop: waiting for the target took 1m30s");
    }

    @Test
    void letsNoNameOrMessageReachTheTerminalUnescaped() {
        renderer.show(new Event.PhaseStarted(ODD, Phase.DUMP, clock.instant()));
        renderer.show(new Event.Message(Event.Level.WARNING, "two\nlines\u001b[31m"));
        renderer.show(new Event.DatabaseFinished(
                ODD, new ByteSize(0), Event.Outcome.FAILED, Duration.ofSeconds(2), "no\rway"));
        assertThat(output.lines())
                .containsExactly(
                        "2026-11-20T15:03:05 new\\nline \\u001b[2J: dump",
                        "2026-11-20T15:03:05 warning: two\\nlines\\u001b[31m",
                        "2026-11-20T15:03:05 error: new\\nline \\u001b[2J: failed after 2.0 s: no\\rway");
        assertThat(output.text()).doesNotContain("\u001b");
    }

    @Test
    void knowsEveryKindOfEvent() {
        renderer.show(new Event.PhaseProgress(SHOP, Phase.DUMP, 1, Optional.empty(), "bytes"));
        renderer.show(new Event.PhaseFinished(SHOP, Phase.ANALYZE, Duration.ZERO));
        for (Event.Outcome outcome : Event.Outcome.values()) {
            renderer.show(new Event.DatabaseFinished(SHOP, new ByteSize(1), outcome, Duration.ZERO, ""));
        }
        assertThat(output.lines()).hasSize(1 + Event.Outcome.values().length);
    }
}
