package io.pgconvoy.report;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@code pgconvoy check} found, for the list on stdout and for {@code --summary-json}.
 *
 * @param databases how many databases were looked into
 * @param items the worst first
 */
public record CheckSummary(
        ServerSummary source,
        ServerSummary target,
        Instant startedAt,
        Duration elapsed,
        int databases,
        List<Item> items) {
    public CheckSummary {
        items = List.copyOf(items);
    }

    /** How bad it is, the worst first. */
    public enum Severity {
        BLOCKER,
        WARNING,
        NOTE
    }

    /**
     * One finding.
     *
     * @param check the check's name
     * @param server {@code source} or {@code target}; empty for both or neither
     * @param what what is the matter, without the places
     * @param sentence the same with the first few places
     * @param advice what to do about it
     * @param sql the statement that failed, where one did
     */
    public record Item(
            String check,
            Severity severity,
            Optional<String> server,
            String what,
            String sentence,
            List<Place> places,
            String advice,
            Optional<String> sql) {
        public Item {
            places = List.copyOf(places);
        }
    }

    /** A database, or an object in it or of the whole server. */
    public record Place(Optional<DatabaseName> database, Optional<String> object) {}

    /** How many findings are of a severity. */
    public long count(Severity severity) {
        return items.stream().filter(item -> item.severity() == severity).count();
    }

    /** Whether a migration would be refused. */
    public boolean blocks() {
        return count(Severity.BLOCKER) > 0;
    }
}
