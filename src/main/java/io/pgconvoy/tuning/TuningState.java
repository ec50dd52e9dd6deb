package io.pgconvoy.tuning;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is owed to the target: written before anything is changed there.
 *
 * @param format 1; a larger number comes from a newer version of this program
 * @param written when, by this machine's clock
 * @param host as the user named the target
 * @param port of the target
 * @param systemIdentifier the cluster's own, from pg_control_system(); empty before 9.6
 * @param changes all that may have been made
 */
record TuningState(
        int format, Instant written, String host, int port, Optional<String> systemIdentifier, List<Change> changes) {
    static final int FORMAT = 1;

    TuningState {
        Objects.requireNonNull(written);
        Objects.requireNonNull(host);
        Objects.requireNonNull(systemIdentifier);
        changes = List.copyOf(changes);
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
        Change {
            Objects.requireNonNull(name);
            Objects.requireNonNull(before);
            Objects.requireNonNull(value);
            Objects.requireNonNull(effectiveBefore);
        }

        private boolean isCrashSafety() {
            for (TunedSetting setting : TunedSetting.values()) {
                if (setting.parameter().equals(name)) {
                    return setting.isCrashSafety();
                }
            }
            return false;
        }
    }
}
