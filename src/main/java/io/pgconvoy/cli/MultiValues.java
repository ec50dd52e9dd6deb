package io.pgconvoy.cli;

import io.pgconvoy.config.Glob;
import java.util.List;
import java.util.stream.Stream;

/** The values of repeatable options; in the environment and in the configuration file, one on each line. */
final class MultiValues {
    private MultiValues() {}

    /** The values without blanks around them and without empty ones. */
    static List<String> of(List<String> texts) {
        return texts == null
                ? List.of()
                : texts.stream()
                        .flatMap(String::lines)
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
    }

    /** As patterns for names, in which blanks count. */
    static List<Glob> globs(String option, List<String> texts) {
        if (texts == null) {
            return List.of();
        }
        // Not split by the parser, to which a quote within a name would begin a quoted text.
        List<Glob> globs = texts.stream()
                .flatMap(text -> Stream.of(text.split("\n")))
                .map(line -> Glob.parse(option, line))
                .toList();
        // Nothing but line breaks would mean all databases.
        return globs.isEmpty() ? List.of(Glob.parse(option, "")) : globs;
    }
}
