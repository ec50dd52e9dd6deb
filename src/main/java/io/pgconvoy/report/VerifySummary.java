package io.pgconvoy.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Failure;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@code pgconvoy verify} found, for the table on stdout and for {@code --summary-json}.
 *
 * @param level how closely the databases were compared
 * @param databases those of the source that were compared, or could not be
 * @param server what differs outside of the databases: roles, settings, tablespaces
 * @param warnings what could not be compared, or deserves a look
 */
public record VerifySummary(
        ServerSummary source,
        ServerSummary target,
        VerifyLevel level,
        Instant startedAt,
        Duration elapsed,
        List<DatabaseVerdict> databases,
        List<Difference> server,
        List<String> warnings) {
    public VerifySummary {
        databases = List.copyOf(databases);
        server = List.copyOf(server);
        warnings = List.copyOf(warnings);
    }

    /**
     * One database; its fields are those of the JSON.
     *
     * @param tables tables, materialized views and partitions with rows of their own
     * @param rows counted on the source; empty where nothing was counted exactly
     * @param objects everything that has a name in the source's catalogs
     * @param failure why it could not be compared, in one line; empty where it was
     */
    public record DatabaseVerdict(
            DatabaseName name,
            Optional<Long> tables,
            Optional<Long> rows,
            Optional<Long> objects,
            @JsonProperty("elapsed_seconds") Duration elapsed,
            Optional<String> failure,
            List<Difference> differences,
            List<Failure> failures) {
        public DatabaseVerdict {
            differences = List.copyOf(differences);
        }

        /** One that was compared. */
        public DatabaseVerdict(
                DatabaseName name,
                long tables,
                Optional<Long> rows,
                long objects,
                List<Difference> differences,
                Duration elapsed) {
            this(
                    name,
                    Optional.of(tables),
                    rows,
                    Optional.of(objects),
                    elapsed,
                    Optional.empty(),
                    differences,
                    List.of());
        }

        /** One that could not be compared. */
        public DatabaseVerdict(DatabaseName name, Failure why) {
            this(
                    name,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ZERO,
                    Optional.of(why.line()),
                    List.of(),
                    List.of(why));
        }
    }

    /** How many things differ, over all databases. */
    public long differences() {
        return server.size()
                + databases.stream()
                        .mapToLong(database -> database.differences().size())
                        .sum();
    }

    /** How many databases could not be compared. */
    public long failed() {
        return databases.stream()
                .filter(database -> database.failure().isPresent())
                .count();
    }

    /** Whether both servers hold the same, as far as was asked. */
    public boolean same() {
        return differences() == 0 && failed() == 0;
    }
}
