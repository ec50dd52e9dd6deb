package io.pgconvoy.model;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.util.Optional;

/**
 * What failed, for people and for programs. It holds no secret.
 *
 * @param kind what decides the exit code; empty for a bug
 * @param message one sentence: what happened, and where
 * @param hint what to do about it; may be empty
 * @param sqlState the server's code for it; empty where it was none of the server's
 * @param object what it was about, as the server or the archive names it: the first of several
 */
public record Failure(
        Optional<ErrorKind> kind, String message, String hint, Optional<String> sqlState, Optional<String> object) {
    /** What the cause of a failure tells beside its words. */
    public interface Details {
        Optional<String> sqlState();

        Optional<String> object();
    }

    public Failure(ErrorKind kind, String message, String hint) {
        this(Optional.of(kind), message, hint, Optional.empty(), Optional.empty());
    }

    public static Failure of(PgconvoyException failure) {
        Optional<Details> details = Optional.empty();
        for (Throwable cause = failure; cause != null && details.isEmpty(); cause = cause.getCause()) {
            details = Optional.of(cause).filter(Details.class::isInstance).map(Details.class::cast);
        }
        return new Failure(
                Optional.of(failure.kind()),
                failure.getMessage(),
                failure.hint(),
                details.flatMap(Details::sqlState),
                details.flatMap(Details::object));
    }

    public static Failure ofBug(Throwable bug) {
        return new Failure(
                Optional.empty(), "a bug in pgconvoy: " + bug, "Please report it.", Optional.empty(), Optional.empty());
    }

    /** The same in other words. */
    public Failure saying(String words, String advice) {
        return new Failure(kind, words, advice, sqlState, object);
    }

    /** All of it in one line: {@code the target is gone -- Run the same command again.} */
    public String line() {
        return message + (hint.isEmpty() ? "" : " -- " + hint);
    }
}
