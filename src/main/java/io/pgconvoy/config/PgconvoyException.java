package io.pgconvoy.config;

import java.util.Objects;

/**
 * A failure that is not a bug of pgconvoy: printed as one sentence and a hint, without a stack trace.
 *
 * <p>Neither text ever holds a secret.
 */
public final class PgconvoyException extends RuntimeException {
    private final ErrorKind kind;
    private final String hint;

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
    }

    /** A mistake in what the user typed or configured. */
    public static PgconvoyException usage(String message, String hint) {
        return new PgconvoyException(ErrorKind.USAGE, message, hint);
    }

    public ErrorKind kind() {
        return kind;
    }

    /** What the user can do about it; may be empty. */
    public String hint() {
        return hint;
    }
}
