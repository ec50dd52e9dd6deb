package io.pgconvoy.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DatabaseProgressTest {
    private final DatabaseProgress progress =
            new DatabaseProgress(new DatabaseName("app"), event -> {}, new Cancellation());

    @Test
    void addsUpTheTimesItWaited() throws InterruptedException {
        Instant before = Instant.now();
        take(Phase.WAIT_TARGET);
        Instant between = Instant.now();
        take(Phase.WAIT_TARGET);

        Span waited = progress.span(Phase.WAIT_TARGET).orElseThrow();
        assertThat(waited.startedAt()).isBetween(before, between);
        assertThat(waited.elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(40));
    }

    @Test
    void remembersTheLastOfWorkThatWasDoneAgain() throws InterruptedException {
        take(Phase.DUMP);
        Instant between = Instant.now();
        take(Phase.DUMP);

        assertThat(progress.span(Phase.DUMP).orElseThrow().startedAt()).isAfterOrEqualTo(between);
    }

    private void take(Phase phase) throws InterruptedException {
        try (var running = progress.begin(phase)) {
            Thread.sleep(20);
        }
    }
}
