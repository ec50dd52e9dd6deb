package io.pgconvoy.postgres.tools;

import io.pgconvoy.model.Failure;
import java.util.List;
import java.util.Optional;

/** What a client tool said as it failed, as the cause of what is told of it: a tool passes no SQLSTATE on. */
public final class ToolFailure extends Exception implements Failure.Details {
    private final transient List<String> lines;
    private final String object;

    /** @param lines of its stderr that tell of errors */
    public ToolFailure(List<String> lines) {
        this(lines, null);
    }

    private ToolFailure(List<String> lines, String object) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
        this.object = object;
    }

    public static ToolFailure of(List<RestoreError> errors) {
        return new ToolFailure(
                errors.stream().map(RestoreError::message).toList(),
                errors.stream()
                        .map(RestoreError::entry)
                        .filter(entry -> !entry.isEmpty())
                        .findFirst()
                        .orElse(null));
    }

    @Override
    public Optional<String> sqlState() {
        return Optional.empty();
    }

    /** The first entry of the archive that failed. */
    @Override
    public Optional<String> object() {
        return Optional.ofNullable(object);
    }

    public List<String> lines() {
        return lines;
    }
}
