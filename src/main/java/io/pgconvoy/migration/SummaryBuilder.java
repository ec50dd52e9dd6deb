package io.pgconvoy.migration;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Summary;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.DeferredSummary;
import io.pgconvoy.survey.ConnectedServer;
import io.pgconvoy.survey.RunMessages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turns a run's results into its summary. */
final class SummaryBuilder {
    private static final Set<Phase> SOURCE_LANE = Set.of(Phase.DUMP, Phase.COUNT_SOURCE, Phase.DUMP_PARTS);
    private static final Set<Phase> TARGET_LANE = Set.of(
            Phase.RESTORE,
            Phase.ANALYZE,
            Phase.VERIFY,
            Phase.SETTINGS,
            Phase.COMPARE,
            Phase.LOAD_PARTS,
            Phase.BUILD_INDEXES,
            Phase.VALIDATE_FOREIGN_KEYS,
            Phase.ANALYZE_DEFERRED,
            Phase.REFRESH_MATVIEWS,
            Phase.VERIFY_DEFERRED);

    private SummaryBuilder() {}

    static Summary build(
            Instant startedAt,
            ConnectedServer source,
            ConnectedServer target,
            List<DatabaseResult> results,
            GlobalsResult globals,
            RunMessages notes,
            Optional<PgconvoyException> end) {
        List<String> warnings = new ArrayList<>(notes.warnings());
        results.forEach(result -> result.warnings()
                .forEach(warning ->
                        warnings.add("database \"" + result.database().name() + "\": " + warning)));
        return new Summary(
                "",
                source.summary(),
                target.summary(),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                Span.overlap(spans(results, SOURCE_LANE, startedAt), spans(results, TARGET_LANE, startedAt)),
                results.stream().map(SummaryBuilder::database).toList(),
                globals.changes(),
                warnings,
                notes.errors(),
                end,
                0);
    }

    private static DatabaseSummary database(DatabaseResult result) {
        return new DatabaseSummary(
                result.database().name(),
                result.database().size(),
                Optional.of(result).filter(DatabaseResult::isUp).map(DatabaseResult::tables),
                result.rows(),
                time(result, Phase.DUMP),
                time(result, Phase.RESTORE),
                time(result, Phase.VERIFY),
                result.deferral()
                        .map(deferral -> new DeferredSummary(
                                deferral.tables(),
                                deferral.openedAt(),
                                time(result, Phase.DUMP_PARTS),
                                time(result, Phase.LOAD_PARTS),
                                time(result, Phase.BUILD_INDEXES),
                                time(result, Phase.VERIFY_DEFERRED))),
                waited(result),
                result.elapsed(),
                result.outcome(),
                result.failure().map(Failure::line).orElse(result.detail()),
                result.failure().stream().toList());
    }

    /** What its time was not for it. */
    private static Duration waited(DatabaseResult result) {
        return result.phases().entrySet().stream()
                .filter(phase -> phase.getKey().isWaiting())
                .map(phase -> phase.getValue().elapsed())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static Optional<Span> time(DatabaseResult result, Phase phase) {
        return Optional.ofNullable(result.phases().get(phase));
    }

    /** @param since what ran before was another run */
    private static List<Span> spans(List<DatabaseResult> results, Set<Phase> lane, Instant since) {
        return results.stream()
                .flatMap(result -> lane.stream().flatMap(phase -> time(result, phase).stream()))
                .filter(span -> !span.startedAt().isBefore(since))
                .toList();
    }
}
