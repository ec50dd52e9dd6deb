package io.pgconvoy.report;

import io.pgconvoy.config.DatabaseName;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;

/**
 * Plain lines, each with the local time, for log files and pipes: nothing is ever taken back or overwritten.
 *
 * <p>A phase that runs long tells where it stands every 30 seconds.
 */
final class LineRenderer implements Renderer, EventHandler {
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(30);
    /** Shorter waits are the rule, and not worth a line. */
    private static final Duration WAIT_WORTH_TELLING = Duration.ofSeconds(1);

    private final PrintStream out;
    private final Clock clock;
    private final ProgressState state;
    private final Map<DatabaseName, Instant> lastTold = new HashMap<>();

    LineRenderer(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
        this.state = new ProgressState(clock);
    }

    @Override
    public void show(Event event) {
        state.accept(event);
        accept(event);
    }

    @Override
    public void tick() {
        Instant now = clock.instant();
        for (ProgressState.Step step : state.steps()) {
            Instant told = lastTold.computeIfAbsent(step.database(), database -> step.since());
            if (Duration.between(told, now).compareTo(PROGRESS_INTERVAL) >= 0) {
                lastTold.put(step.database(), now);
                print(EventText.step(step, now));
            }
        }
    }

    @Override
    public void close() {
        out.flush();
    }

    @Override
    public void message(Event.Message message) {
        EventText.message(message).forEach(this::print);
    }

    @Override
    public void migrationStarted(Event.MigrationStarted started) {
        print(EventText.migrationStarted(started));
    }

    @Override
    public void phaseStarted(Event.PhaseStarted started) {
        lastTold.put(started.database(), started.at());
        if (!started.phase().isWaiting()) {
            print(EventText.phaseStarted(started.database(), started.phase()));
        }
    }

    @Override
    public void phaseFinished(Event.PhaseFinished finished) {
        if (!finished.phase().isWaiting() || finished.elapsed().compareTo(WAIT_WORTH_TELLING) >= 0) {
            print(EventText.phaseFinished(finished));
        }
    }

    @Override
    public void databaseFinished(Event.DatabaseFinished finished) {
        lastTold.remove(finished.database());
        String count = state.totals()
                .map(totals -> " (" + totals.finished() + "/" + totals.databases() + " databases)")
                .orElse("");
        print(EventText.databaseFinished(finished, count));
    }

    @Override
    public void statusAsked() {
        EventText.status(state, clock.instant()).forEach(this::print);
    }

    private void print(String line) {
        String time = DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                LocalDateTime.ofInstant(clock.instant(), clock.getZone()).withNano(0));
        // One write for a line, so that lines of other processes on the same stderr do not cut it in two.
        out.print(time + " " + line + System.lineSeparator());
        out.flush();
    }
}
