package io.pgconvoy.postgres.retry;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.tools.ToolFailure;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A failure for a reason that passes, so that the same may succeed a little later.
 *
 * @param state the SQLSTATE; of a client tool's failure the one that its words stand for
 */
public record PassingFailure(String state) {
    /** A server that is not to be reached at all: whoever connects has been patient with it already. */
    private static final String UNREACHABLE = "08001";

    /** In the order in which they explain more. */
    private static final List<Words> WORDS = List.of(
            // A process that builds an index, or reads, for a session is said to be a background worker.
            new Words("57P01", "terminating (?:connection|background worker \".*\") due to administrator command"),
            new Words("57P02", "terminating connection because of (?:crash|unexpected)"),
            new Words(
                    "57P03",
                    "the database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting)"),
            new Words("53300", "too many (?:clients already|connections for)|remaining connection slots"),
            new Words("55000", "parallel worker failed to initialize"),
            new Words("XX000", "lost connection to parallel worker"),
            new Words("40P01", "deadlock detected"),
            new Words("40001", "could not serialize access"),
            new Words(
                    "08006",
                    "server closed the connection|connection has been closed unexpectedly|no connection to the server|"
                            + "could not (?:receive data from|send data to) server|connection not open|"
                            + "Connection (?:refused|reset by peer|timed out)"));

    private record Words(String state, Pattern pattern) {
        Words(String state, String pattern) {
            this(state, Pattern.compile(pattern));
        }
    }

    /** Why something failed, if that passes; several failures pass together or not at all. */
    public static Optional<PassingFailure> of(PgconvoyException failure) {
        Optional<PassingFailure> first = Optional.empty();
        for (PgconvoyException part : failure.parts()) {
            Optional<PassingFailure> passing = ofOne(part);
            if (passing.isEmpty()) {
                return Optional.empty();
            }
            first = first.or(() -> passing);
        }
        return first;
    }

    private static Optional<PassingFailure> ofOne(PgconvoyException failure) {
        if (failure.kind() == ErrorKind.INTERRUPTED) {
            return Optional.empty();
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsettledException) {
                // That has been tried again by who knows how.
                return Optional.empty();
            }
            if (cause instanceof ToolFailure tool) {
                return of(tool);
            }
            if (cause instanceof SQLException sql) {
                return SqlState.isTransient(sql) && !UNREACHABLE.equals(sql.getSQLState())
                        ? Optional.of(new PassingFailure(sql.getSQLState()))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The same by a tool's own words. */
    public static Optional<PassingFailure> of(ToolFailure tool) {
        return WORDS.stream()
                .filter(words -> tool.lines().stream()
                        .anyMatch(line -> words.pattern().matcher(line).find()))
                .findFirst()
                .map(words -> new PassingFailure(words.state()));
    }

    /** For a sentence. */
    public String words() {
        String what = switch (state) {
            case "57P01" -> "a terminated session";
            case "57P02" -> "a crash of the server";
            case "57P03" -> "a server that starts or stops";
            case "53300" -> "too many connections";
            case "55000", "XX000" -> "a parallel worker that was ended";
            case "40P01" -> "a deadlock";
            default -> state.startsWith("40") ? "a transaction that was in another's way" : "a lost connection";
        };
        return what + " (" + state + ")";
    }
}
