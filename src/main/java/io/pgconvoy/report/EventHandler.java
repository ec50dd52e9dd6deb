package io.pgconvoy.report;

/** One method for each kind of event, which does nothing; the only place that tells the kinds apart. */
interface EventHandler {
    /** Calls the method for this kind of event. */
    default void accept(Event event) {
        if (event instanceof Event.Message message) {
            message(message);
        } else if (event instanceof Event.MigrationStarted started) {
            migrationStarted(started);
        } else if (event instanceof Event.PhaseStarted started) {
            phaseStarted(started);
        } else if (event instanceof Event.PhaseProgress progress) {
            phaseProgress(progress);
        } else if (event instanceof Event.PhaseFinished finished) {
            phaseFinished(finished);
        } else if (event instanceof Event.DatabaseFinished finished) {
            databaseFinished(finished);
        } else if (event instanceof Event.StatusAsked) {
            statusAsked();
        } else {
            throw new AssertionError("no handler for " + event);
        }
    }

    default void message(Event.Message message) {}

    default void migrationStarted(Event.MigrationStarted started) {}

    default void phaseStarted(Event.PhaseStarted started) {}

    default void phaseProgress(Event.PhaseProgress progress) {}

    default void phaseFinished(Event.PhaseFinished finished) {}

    default void databaseFinished(Event.DatabaseFinished finished) {}

    default void statusAsked() {}
}
