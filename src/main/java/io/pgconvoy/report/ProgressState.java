package io.pgconvoy.report;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the migration stands, counted from its events; knows nothing of how that is shown. Not safe for use by many
 * threads.
 */
final class ProgressState implements EventHandler {
    private final Clock clock;
    private final Instant since;
    /** The phases that run, by database; of several, the last one started is the last one here. */
    private final Map<DatabaseName, LinkedHashMap<Phase, Step>> running = new LinkedHashMap<>();

    private final Set<DatabaseName> outstanding = new HashSet<>();
    private Optional<Totals> totals = Optional.empty();

    ProgressState(Clock clock) {
        this.clock = clock;
        this.since = clock.instant();
    }

    /** How long something has been going on here. */
    Duration elapsed(Instant now) {
        return Duration.between(since, now);
    }

    /** What a database is at. */
    record Step(DatabaseName database, Phase phase, Instant since, Optional<Event.PhaseProgress> progress) {
        Duration elapsed(Instant now) {
            return Duration.between(since, now);
        }

        /** Whether it waits for its turn instead of working. */
        boolean isWaiting() {
            return phase.isWaiting();
        }
    }

    /**
     * The whole migration.
     *
     * @param finished databases done with, the failed ones among them
     * @param moved the sizes of the databases done with, less the failed ones
     */
    record Totals(Instant since, int databases, ByteSize size, int finished, int failed, ByteSize moved) {
        private Totals plus(Event.DatabaseFinished database) {
            boolean lost = database.outcome() == Event.Outcome.FAILED;
            return new Totals(
                    since,
                    databases,
                    size,
                    finished + 1,
                    lost ? failed + 1 : failed,
                    lost ? moved : moved.plus(database.size()));
        }
    }

    /**
     * What each database in flight is at, in the order in which they began: first those that work, then those that wait
     * for the target. Those that wait for the source have not begun.
     */
    List<Step> steps() {
        List<Step> working = new ArrayList<>();
        List<Step> waiting = new ArrayList<>();
        for (LinkedHashMap<Phase, Step> phases : running.values()) {
            Step current = null;
            for (Step step : phases.values()) {
                current = step;
            }
            if (current == null || current.phase() == Phase.WAIT_SOURCE) {
                continue;
            }
            (current.isWaiting() ? waiting : working).add(current);
        }
        working.addAll(waiting);
        return working;
    }

    /** Empty before the databases are known. */
    Optional<Totals> totals() {
        return totals;
    }

    @Override
    public void migrationStarted(Event.MigrationStarted started) {
        outstanding.addAll(started.databases());
        totals = Optional.of(
                new Totals(clock.instant(), started.databases().size(), started.total(), 0, 0, new ByteSize(0)));
    }

    @Override
    public void phaseStarted(Event.PhaseStarted started) {
        LinkedHashMap<Phase, Step> phases =
                running.computeIfAbsent(started.database(), database -> new LinkedHashMap<>());
        // A phase that is tried again goes to the end.
        phases.remove(started.phase());
        phases.put(started.phase(), new Step(started.database(), started.phase(), started.at(), Optional.empty()));
    }

    @Override
    public void phaseProgress(Event.PhaseProgress progress) {
        Map<Phase, Step> phases = running.get(progress.database());
        if (phases != null) {
            phases.computeIfPresent(
                    progress.phase(),
                    (phase, step) -> new Step(step.database(), phase, step.since(), Optional.of(progress)));
        }
    }

    @Override
    public void phaseFinished(Event.PhaseFinished finished) {
        Map<Phase, Step> phases = running.get(finished.database());
        if (phases != null) {
            phases.remove(finished.phase());
        }
    }

    @Override
    public void databaseFinished(Event.DatabaseFinished finished) {
        running.remove(finished.database());
        if (outstanding.remove(finished.database()) && isDone(finished.outcome())) {
            totals = totals.map(before -> before.plus(finished));
        }
    }

    private static boolean isDone(Event.Outcome outcome) {
        return outcome != Event.Outcome.NOT_REACHED && outcome != Event.Outcome.INTERRUPTED;
    }
}
