package io.pgconvoy.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Summary.DatabaseSummary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sums over all databases of a summary.
 *
 * @param rows over the databases whose rows were counted
 * @param dump time spent over all databases; longer than the run's where they ran at the same time
 */
record SummaryTotals(
        @JsonProperty("size_bytes") ByteSize size,
        long tables,
        long rows,
        @JsonProperty("dump_seconds") Duration dump,
        @JsonProperty("restore_seconds") Duration restore,
        @JsonProperty("verify_seconds") Duration verify) {
    static SummaryTotals of(List<DatabaseSummary> databases) {
        return new SummaryTotals(
                databases.stream().map(DatabaseSummary::size).reduce(new ByteSize(0), ByteSize::plus),
                databases.stream()
                        .mapToLong(database -> database.tables().orElse(0L))
                        .sum(),
                databases.stream()
                        .mapToLong(database -> database.rows().orElse(0L))
                        .sum(),
                sum(databases, DatabaseSummary::dump),
                sum(databases, DatabaseSummary::restore),
                sum(databases, DatabaseSummary::verify));
    }

    private static Duration sum(List<DatabaseSummary> databases, Function<DatabaseSummary, Optional<Span>> phase) {
        return databases.stream()
                .flatMap(database -> phase.apply(database).stream())
                .map(Span::elapsed)
                .reduce(Duration.ZERO, Duration::plus);
    }
}
