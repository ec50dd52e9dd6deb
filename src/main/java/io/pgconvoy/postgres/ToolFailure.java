package io.pgconvoy.postgres;

import java.util.List;

/** What a client tool said as it failed, as the cause of what is told of it: a tool passes no SQLSTATE on. */
public final class ToolFailure extends Exception {
    private final transient List<String> lines;

    /** @param lines of its stderr that tell of errors */
    public ToolFailure(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
    }

    List<String> lines() {
        return lines;
    }
}
