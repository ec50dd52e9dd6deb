package io.pgconvoy.migration.run;

import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.model.Phase;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The steps of one database's way: one is skipped where its marker says that it is complete, and marked as that when what
 * it wrote to the target is on disk there.
 *
 * @param flush has the target's disk take what was written to the target
 */
public record Steps(DatabaseJournal journal, DatabaseProgress progress, Runnable flush, Cancellation cancellation) {
    public static Steps of(Run run, DatabaseJournal journal, DatabaseProgress progress) {
        return new Steps(journal, progress, run.targetDatabases()::flush, run.cancellation());
    }

    /**
     * Does a step that is not complete.
     *
     * @param work which does it in its phase
     * @return its marker
     */
    public <T> T run(Step<T> step, Phase phase, Function<DatabaseProgress.Running, T> work) {
        return attempt(step, phase, running -> Optional.of(work.apply(running))).orElseThrow();
    }

    /**
     * Does one that has nothing to tell but warnings.
     *
     * @return these
     */
    public List<String> warnings(
            Step<Markers.Done> step, Phase phase, Function<DatabaseProgress.Running, List<String>> work) {
        return run(step, phase, running -> done(running, work.apply(running))).warnings();
    }

    /** Does one whose work may end well and leave something to be done; it is not complete then. */
    public <T> Optional<T> attempt(Step<T> step, Phase phase, Function<DatabaseProgress.Running, Optional<T>> work) {
        return journal.read(step).or(() -> again(step, phase, work));
    }

    /** Does one whatever its marker says. */
    public <T> Optional<T> again(Step<T> step, Phase phase, Function<DatabaseProgress.Running, Optional<T>> work) {
        cancellation.check();
        try (var running = progress.begin(phase)) {
            Optional<T> marker = work.apply(running);
            marker.ifPresent(complete -> mark(step, () -> complete));
            return marker;
        }
    }

    /**
     * Marks one as complete that has no phase of its own.
     *
     * @param marker made when what the step wrote is on disk
     */
    public <T> void mark(Step<T> step, Supplier<T> marker) {
        if (step.effect() == Step.Effect.TARGET) {
            flush.run();
        }
        journal.write(step, marker.get());
    }

    public Markers.Done done(DatabaseProgress.Running running, List<String> warnings) {
        return new Markers.Done(journal.database().value(), running.span(), warnings);
    }
}
