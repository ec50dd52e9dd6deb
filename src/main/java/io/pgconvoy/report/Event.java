package io.pgconvoy.report;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Something that happened, told once and shown in many ways. */
public sealed interface Event {
    /** What kind of line a {@link Message} is. */
    enum Level {
        INFO,
        WARNING,
        ERROR
    }

    /** How a database ended. */
    enum Outcome {
        COMPLETE,
        /** Complete, but with something to look at. */
        WARNINGS,
        /** All of it has been moved, but the target holds something else than the source. */
        DIFFERS,
        FAILED,
        /** Complete since an earlier run. */
        EARLIER,
        /** Begun, but not done when the run was stopped. */
        INTERRUPTED,
        /** Not reached before the run was stopped. */
        NOT_REACHED
    }

    /**
     * One line for the user.
     *
     * @param hint what to do about it, for a line of its own; may be empty
     */
    record Message(Level level, String text, String hint) implements Event {
        public Message(Level level, String text) {
            this(level, text, "");
        }
    }

    /** The databases are known; what is complete since an earlier run is not among them. */
    record MigrationStarted(List<DatabaseName> databases, ByteSize total) implements Event {}

    record PhaseStarted(DatabaseName database, Phase phase, Instant at) implements Event {}

    /**
     * How far a phase is.
     *
     * @param done so many units: bytes of the dump on disk, tables restored, tables counted
     * @param total empty as long as it is not known
     * @param unit {@code bytes} or a plural such as {@code tables}
     */
    record PhaseProgress(DatabaseName database, Phase phase, long done, Optional<Long> total, String unit)
            implements Event {}

    record PhaseFinished(DatabaseName database, Phase phase, Duration elapsed) implements Event {}

    /**
     * A database is done with, one way or the other.
     *
     * @param detail one sentence, without what to do about it, for {@code FAILED} and {@code WARNINGS}, the last step done for {@code INTERRUPTED}, else
     *     empty
     */
    record DatabaseFinished(DatabaseName database, ByteSize size, Outcome outcome, Duration elapsed, String detail)
            implements Event {}

    /** Somebody wants to know where the run stands. */
    record StatusAsked() implements Event {}
}
