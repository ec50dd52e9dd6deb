package io.pgconvoy.survey;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.RevertCommand;
import io.pgconvoy.tuning.TargetTuning;
import io.pgconvoy.tuning.TargetTuning.InForce;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says that a target still has the tuning of a run that is over, fsync = off before all: to whoever looks at the target
 * without reverting that.
 */
public final class TuningNotice {
    private TuningNotice() {}

    /** What is tuned, by whom, and how to revert it. */
    public record Notice(String what, String advice) {
        @Override
        public String toString() {
            return what + ". " + advice;
        }
    }

    /** Asks the target, then the journals: one that cannot be reached is known from these alone. */
    public static Optional<Notice> of(MigrationConfig config, Cancellation cancellation) {
        try {
            // Who has been told to stop asks the journals alone.
            return of(config, Server.connect(config.target(), "pgconvoy", cancellation));
        } catch (PgconvoyException unreachable) {
            return ofJournals(config, TargetTuning::owed)
                    .map(inForce -> notice(config, inForce, ", as its journal says"));
        }
    }

    /** The same where the target has been reached; what belongs to a run at work is nobody else's business. */
    public static Optional<Notice> of(MigrationConfig config, Server target) {
        if (!TargetLock.holders(target).isEmpty()) {
            return Optional.empty();
        }
        return TargetTuning.inForce(target)
                .or(() -> ofJournals(config, journal -> TargetTuning.owed(journal, target)))
                .map(inForce -> notice(config, inForce, ""));
    }

    private static Optional<InForce> ofJournals(
            MigrationConfig config, Function<JournalStore, Optional<InForce>> owed) {
        try {
            return EarlierDebts.TUNING.owed(config.stateDir()).stream()
                    .filter(journal -> EarlierDebts.isAddressedTo(config.target(), journal))
                    .flatMap(journal -> owed.apply(journal).stream())
                    .findFirst();
        } catch (PgconvoyException unreadable) {
            return Optional.empty();
        }
    }

    private static Notice notice(MigrationConfig config, InForce inForce, String source) {
        return new Notice(
                config.target().label() + " still has an earlier run's tuning in force" + source + ": "
                        + String.join(", ", inForce.lines()) + " (by " + inForce.by() + ", since " + inForce.since()
                        + ")",
                "The next run reverts it before anything else; or "
                        + RevertCommand.of(config.target(), Optional.of(config.stateDir())));
    }
}
