package io.pgconvoy.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a run did, for the table on stdout and for {@code --summary-json}.
 *
 * @param version pgconvoy's own version
 * @param source the source's address and PostgreSQL version
 * @param target the target's address and PostgreSQL version
 * @param overlap time gained because dumps ran while other databases were restored: the sum of the source lane's and
 *     the target lane's busy wall clock time less the wall clock time in which at least one was busy
 * @param globals what the globals step did, one line each
 * @param end what broke the run off; empty where it came to its end
 * @param exitCode the exit status of the run
 */
public record Summary(
        String version,
        ServerSummary source,
        ServerSummary target,
        Instant startedAt,
        Duration elapsed,
        Duration overlap,
        List<DatabaseSummary> databases,
        List<String> globals,
        List<String> warnings,
        List<Failure> errors,
        Optional<PgconvoyException> end,
        int exitCode) {
    public Summary {
        databases = List.copyOf(databases);
        globals = List.copyOf(globals);
        warnings = List.copyOf(warnings);
        errors = List.copyOf(errors);
    }

    /** The same with what only the command line knows. */
    public Summary finished(String programVersion, int status) {
        return new Summary(
                programVersion,
                source,
                target,
                startedAt,
                elapsed,
                overlap,
                databases,
                globals,
                warnings,
                errors,
                end,
                status);
    }

    /** The same where a run that was broken off is gone on with by this command. */
    public Summary continuedBy(String command) {
        Optional<PgconvoyException> told = end.map(failure -> failure.kind() == ErrorKind.INTERRUPTED
                ? new PgconvoyException(failure.kind(), failure.getMessage(), "To go on: " + command, failure)
                : failure);
        return new Summary(
                version, source, target, startedAt, elapsed, overlap, databases, globals, warnings, errors, told,
                exitCode);
    }

    /** Which server: address and version. */
    public record ServerSummary(String host, int port, String version) {}

    /**
     * One database's line; its fields are those of the JSON.
     *
     * @param size pg_database_size on the source
     * @param tables the tables, materialized views and partitions that were compared; empty where it did not come to that
     * @param rows the rows counted on the source; empty where nothing was counted exactly
     * @param dump how long, in this run or an earlier one; empty where it is not done
     * @param deferred empty where all of its tables were moved at once
     * @param waited how much of the total was not for its work but for its turn
     * @param detail the failure in one line, what to look at, or the last step done before it was interrupted; may be empty
     * @param failures why it failed, or what is not the same
     */
    public record DatabaseSummary(
            DatabaseName name,
            @JsonProperty("size_bytes") ByteSize size,
            Optional<Long> tables,
            Optional<Long> rows,
            Optional<Span> dump,
            Optional<Span> restore,
            Optional<Span> verify,
            Optional<DeferredSummary> deferred,
            @JsonProperty("waited_seconds") Duration waited,
            @JsonProperty("total_seconds") Duration total,
            Event.Outcome outcome,
            String detail,
            List<Failure> failures) {}

    /**
     * What came of a database's deferred tables.
     *
     * @param openedAt when the database was opened for clients, all but these tables being there
     * @param dump how long, as the following; in this run or an earlier one
     */
    public record DeferredSummary(
            int tables,
            Optional<Instant> openedAt,
            Optional<Span> dump,
            Optional<Span> load,
            Optional<Span> indexes,
            Optional<Span> verify) {}
}
