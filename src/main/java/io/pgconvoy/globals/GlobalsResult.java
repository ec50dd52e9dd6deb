package io.pgconvoy.globals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a step did to the target, in sentences that name the object and hold no secret.
 *
 * @param changes what was changed; empty where source and target agreed already
 * @param warnings what could not be carried over as it was, or deserves a look
 * @param failures what should have been carried over and was not
 */
public record GlobalsResult(List<String> changes, List<String> warnings, List<String> failures) {
    /** Nothing was to be done. */
    public static final GlobalsResult NOTHING = new GlobalsResult(List.of(), List.of(), List.of());

    public GlobalsResult {
        changes = List.copyOf(changes);
        warnings = List.copyOf(warnings);
        failures = List.copyOf(failures);
    }

    static GlobalsResult ofWarnings(List<String> warnings) {
        return new GlobalsResult(List.of(), warnings, List.of());
    }

    /** This step's result, then the next one's. */
    public GlobalsResult plus(GlobalsResult next) {
        return new GlobalsResult(
                concat(changes, next.changes), concat(warnings, next.warnings), concat(failures, next.failures));
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /** Collects sentences while a step runs. Not thread-safe. */
    static final class Builder {
        private final List<String> changes = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();

        void change(String sentence) {
            changes.add(sentence);
        }

        void warning(String sentence) {
            warnings.add(sentence);
        }

        void failure(String sentence) {
            failures.add(sentence);
        }

        GlobalsResult build() {
            return new GlobalsResult(changes, warnings, failures);
        }
    }
}
