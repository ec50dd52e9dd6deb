package io.pgconvoy.postgres.tools;

import java.util.List;

/** Finds in a tool's stderr what a user needs to read first. */
final class ToolErrors {
    /** What pg_dump says where the last of what it compresses does not fit: by then the system's reason is gone. */
    private static final String REASON_LOST = "could not close data file: Success";

    static final String FULL_DISK = "No space left on device";

    private ToolErrors() {}

    /** The first line that a tool marks as an error, else the last line of all. */
    static String lastError(List<String> tail) {
        String error = error(tail);
        return error.contains(REASON_LOST) ? error + " (which most often means: " + FULL_DISK + ")" : error;
    }

    private static String error(List<String> tail) {
        return tail.stream()
                .filter(line -> line.contains(" error: ") || line.contains(" fatal: "))
                .findFirst()
                .or(() -> tail.stream().filter(line -> !line.isBlank()).reduce((first, second) -> second))
                .orElse("it said nothing");
    }
}
