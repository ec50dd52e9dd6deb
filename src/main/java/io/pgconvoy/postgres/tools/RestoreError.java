package io.pgconvoy.postgres.tools;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One error that pg_restore reported and went on from.
 *
 * @param entry the archive entry it was at, as people read it; empty outside of any entry
 * @param message the error, with the server's words
 * @param command the SQL that failed, shortened; empty where pg_restore did not say
 */
public record RestoreError(String entry, String message, String command) {
    private static final Pattern UNKNOWN_PARAMETER =
            Pattern.compile("unrecognized configuration parameter \"([^\"]+)\"");

    /** Session settings that newer client tools set at the start of every restore and older servers do not know. */
    private static final Set<String> PREAMBLE = Set.of(
            "transaction_timeout",
            "idle_in_transaction_session_timeout",
            "default_table_access_method",
            "row_security",
            "xmloption");

    /**
     * Why this error loses nothing, where it is one of the known ones.
     *
     * @return empty for an error that matters
     */
    public Optional<String> harmlessBecause() {
        Matcher parameter = UNKNOWN_PARAMETER.matcher(message);
        if (parameter.find() && PREAMBLE.contains(parameter.group(1)) && command.startsWith("SET ")) {
            return Optional.of("the target does not know this session setting of a newer pg_restore, and needs it not");
        }
        if (entry.startsWith("SCHEMA - ") && message.endsWith("schema \"public\" already exists")) {
            return Optional.of("every new database has this schema");
        }
        if (command.startsWith("COMMENT ON EXTENSION plpgsql ")
                || command.startsWith("COMMENT ON EXTENSION \"plpgsql\" ")) {
            return Optional.of("the built-in extension's own comment is there already");
        }
        return Optional.empty();
    }

    /** For a report: the entry and the server's message. */
    @Override
    public String toString() {
        return entry.isEmpty() ? message : entry + ": " + message;
    }
}
