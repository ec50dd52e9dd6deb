package io.pgconvoy.postgres;

import java.util.List;

/** Finds in a tool's stderr what a user needs to read first. */
final class ToolErrors {
    private ToolErrors() {}

    /** The first line that a tool marks as an error, else the last line of all. */
    static String lastError(List<String> tail) {
        return tail.stream()
                .filter(line -> line.contains(" error: ") || line.contains(" fatal: "))
                .findFirst()
                .or(() -> tail.stream().filter(line -> !line.isBlank()).reduce((first, second) -> second))
                .orElse("it said nothing");
    }
}
