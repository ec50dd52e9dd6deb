package io.pgconvoy.tuning;

import java.util.List;

/**
 * What came of tuning the target.
 *
 * @param changed what is in force now, as lines such as {@code "fsync: on -> off"}
 * @param left what was left alone because it suits or because the caller wanted it so, with the reason
 * @param warnings what should have been changed but could not be, with the reason
 */
public record TuningOutcome(List<String> changed, List<String> left, List<String> warnings) {
    public TuningOutcome {
        changed = List.copyOf(changed);
        left = List.copyOf(left);
        warnings = List.copyOf(warnings);
    }

    static TuningOutcome skipped(String warning) {
        return new TuningOutcome(List.of(), List.of(), List.of(warning));
    }
}
