package io.pgconvoy.tuning;

import io.pgconvoy.journal.JournalEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is owed to the target: written before anything is changed there.
 *
 * @param format 1; a larger number comes from a newer version of this program
 * @param written when, by this machine's clock
 * @param host as the user named the target
 * @param port of the target
 * @param systemIdentifier the cluster's own, from pg_control_system(); empty before 9.6
 * @param by who tuned; empty in files of older versions
 * @param changes all that may have been made
 */
record TuningState(
        int format,
        Instant written,
        String host,
        int port,
        Optional<String> systemIdentifier,
        Optional<String> by,
        List<Change> changes)
        implements Identity {
    static final int FORMAT = 1;

    static final JournalEntry<TuningState> OWED = new JournalEntry<>(
            "tuning",
            TuningState.class,
            false,
            "It says how the target was set before it was tuned. Look at the target's postgresql.auto.conf, take out with"
                    + " ALTER SYSTEM RESET what does not belong there (fsync!), reload, and delete the file.",
            state -> state.format() > FORMAT,
            "Revert the target's tuning with that version: pgconvoy revert-tuning.");

    /** What became of a debt that is paid. */
    static final JournalEntry<TuningState> PAID =
            new JournalEntry<>("tuning-reverted", TuningState.class, "Delete the file.");

    TuningState {
        changes = List.copyOf(changes);
    }

    /** What is not as it was, for people: fsync is off (before: on). */
    List<String> lines() {
        return changes.stream()
                .map(change -> change.name() + " is " + change.value() + " (before: " + change.effectiveBefore() + ")")
                .toList();
    }

    /** Whether the machine's buffers have to be flushed once this is reverted. */
    boolean touchesCrashSafety() {
        return changes.stream().anyMatch(Change::isCrashSafety);
    }

    /**
     * One setting's change.
     *
     * @param name of the parameter
     * @param before exactly what postgresql.auto.conf said; empty where it said nothing
     * @param value what ALTER SYSTEM was told
     * @param effectiveBefore what a fresh session saw, from wherever
     */
    record Change(String name, Optional<String> before, String value, String effectiveBefore) {
        boolean isCrashSafety() {
            for (TunedSetting setting : TunedSetting.values()) {
                if (setting.parameter().equals(name)) {
                    return setting.isCrashSafety();
                }
            }
            return false;
        }
    }
}
