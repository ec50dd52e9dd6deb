package io.pgconvoy.tuning;

import java.util.List;
import java.util.stream.Stream;

/**
 * What came of reverting the tuning.
 *
 * @param restored what is as it was before, as lines such as {@code "fsync: off -> on"}
 * @param warnings what somebody else changed meanwhile and is left alone, and what is for the user to do
 * @param diskSafe false where the user has to flush the target's disk buffers, as one of the warnings says
 */
public record RevertOutcome(List<String> restored, List<String> warnings, boolean diskSafe) {
    public RevertOutcome {
        restored = List.copyOf(restored);
        warnings = List.copyOf(warnings);
    }

    /** Everything, for the summary. */
    public List<String> lines() {
        return Stream.of(restored, warnings).flatMap(List::stream).toList();
    }
}
