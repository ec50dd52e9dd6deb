package io.pgconvoy.report;

/** One method for each kind of event; the only place that tells the kinds apart. */
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
        } else if (event instanceof Event.MigrationFinished finished) {
            migrationFinished(finished);
        } else if (event instanceof Event.StatusAsked) {
            statusAsked();
        } else {
            throw new AssertionError("no handler for " + event);
        }
    }

    void message(Event.Message message);

    void migrationStarted(Event.MigrationStarted started);

    void phaseStarted(Event.PhaseStarted started);

    void phaseProgress(Event.PhaseProgress progress);

    void phaseFinished(Event.PhaseFinished finished);

    void databaseFinished(Event.DatabaseFinished finished);

    void statusAsked();

    void migrationFinished(Event.MigrationFinished finished);
}
