package io.pgconvoy.report;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.report.Summary.ServerSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What {@code pgconvoy check} found, for the list on stdout and for {@code --summary-json}.
 *
 * @param databases how many databases were looked into
 * @param findings the worst first
 */
public record CheckSummary(
        ServerSummary source,
        ServerSummary target,
        Instant startedAt,
        Duration elapsed,
        int databases,
        List<Finding> findings) {
    public CheckSummary {
        findings = List.copyOf(findings);
    }

    /** How many findings are of a severity. */
    public long count(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    /** Whether a migration would be refused. */
    public boolean blocks() {
        return count(Severity.BLOCKER) > 0;
    }
}
