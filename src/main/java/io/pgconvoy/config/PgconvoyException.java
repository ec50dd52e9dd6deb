package io.pgconvoy.config;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A failure that is not a bug of pgconvoy: printed as one sentence and a hint, without a stack trace.
 *
 * <p>Neither text ever holds a secret.
 */
public class PgconvoyException extends RuntimeException {
    private final ErrorKind kind;
    private final String hint;
    private final transient List<PgconvoyException> parts;

    /**
     * @param kind what decides the exit code
     * @param message one sentence: what happened, and where (server, database, object)
     * @param hint what the user can do about it
     */
    public PgconvoyException(ErrorKind kind, String message, String hint) {
        this(kind, message, hint, null);
    }

    public PgconvoyException(ErrorKind kind, String message, String hint, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.kind = Objects.requireNonNull(kind);
        this.hint = Objects.requireNonNull(hint);
        this.parts = List.of();
    }

    private PgconvoyException(ErrorKind kind, List<PgconvoyException> parts) {
        super(parts.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
        this.kind = kind;
        this.hint = parts.stream()
                .map(PgconvoyException::hint)
                .filter(text -> !text.isEmpty())
                .distinct()
                .collect(Collectors.joining(" "));
        this.parts = List.copyOf(parts);
    }

    /**
     * Several failures that are one reason to stop.
     *
     * @param parts at least one
     */
    public static PgconvoyException of(ErrorKind kind, List<PgconvoyException> parts) {
        return parts.size() == 1 ? parts.get(0) : new PgconvoyException(kind, parts);
    }

    /** A mistake in what the user typed or configured. */
    public static PgconvoyException usage(String message, String hint) {
        return new PgconvoyException(ErrorKind.USAGE, message, hint);
    }

    /** What it consists of, each with its own hint: itself alone, most often. */
    public final List<PgconvoyException> parts() {
        return parts.isEmpty() ? List.of(this) : parts;
    }

    public final ErrorKind kind() {
        return kind;
    }

    /** What the user can do about it; may be empty. */
    public final String hint() {
        return hint;
    }
}
