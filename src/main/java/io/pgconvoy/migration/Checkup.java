package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.ClientTools;
import io.pgconvoy.preflight.Finding;
import io.pgconvoy.preflight.Preflight;
import io.pgconvoy.preflight.ServerSession;
import io.pgconvoy.preflight.Situation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs the preflight checks on what a migration would find, as far as they can be asked. */
final class Checkup {
    private final MigrationConfig config;
    private final ClientTools tools;
    private final Contact source;
    private final Contact target;
    private final Cancellation cancellation;
    private final Preflight preflight;

    Checkup(MigrationConfig config, ClientTools tools, Contact source, Contact target, Cancellation cancellation) {
        this.config = config;
        this.tools = tools;
        this.source = source;
        this.target = target;
        this.cancellation = cancellation;
        this.preflight = new Preflight(config.ignoredChecks(), cancellation);
    }

    /**
     * What came of it.
     *
     * @param findings the worst first
     * @param databases that were looked into; none also where it did not come to that
     */
    record Outcome(List<Finding> findings, List<DatabaseProperties> databases) {
        Outcome {
            findings = Preflight.worstFirst(findings);
            databases = List.copyOf(databases);
        }
    }

    /** Looks at both servers and into the databases that are not complete yet; changes nothing. */
    Outcome run() {
        try (Connection sourceConnection = source.server().open();
                Connection targetConnection = target.server().open()) {
            ServerSession sourceSession = new ServerSession(source.server(), source.status(), sourceConnection);
            ServerSession targetSession = new ServerSession(target.server(), target.status(), targetConnection);
            List<Finding> findings = new ArrayList<>(preflight.foundations(
                    new Situation(config, tools, sourceSession, targetSession, List.of(), List.of(), Set.of())));
            if (!Preflight.blockers(findings).isEmpty()) {
                return new Outcome(findings, List.of());
            }
            Path folder = Journals.folder(config);
            Discovery discovery = Discovery.of(source.server(), config);
            Set<Long> made = discovery.databases().stream()
                    .flatMap(database -> Journal.read(folder, database.name(), Step.CREATED).stream())
                    .map(Markers.Created::oid)
                    .collect(Collectors.toSet());
            List<DatabaseProperties> open = discovery.databases().stream()
                    .filter(database -> !isComplete(folder, database.name()))
                    // To open it would change something.
                    .filter(DatabaseProperties::allowsConnections)
                    .toList();
            findings.addAll(preflight.run(
                    new Situation(
                            config,
                            tools,
                            sourceSession,
                            targetSession,
                            discovery.databases(),
                            discovery.refusing(),
                            made),
                    open));
            return new Outcome(findings, open);
        } catch (SQLException failure) {
            throw source.server().failure(source.server().endpoint().database(), "closing the session", failure);
        }
    }

    /** Also restores the databases' schemas into scratch databases on the target. */
    Outcome withRehearsal(Outcome outcome, Notes notes) {
        List<Finding> rehearsed = new SchemaRehearsal(
                        config, tools, source.server(), target.server(), cancellation, notes)
                .run(outcome.databases());
        List<Finding> all = new ArrayList<>(outcome.findings());
        all.addAll(preflight.finish(rehearsed).stream()
                .map(finding -> config.allowRestoreErrors() && finding.severity() == Finding.Severity.BLOCKER
                        ? finding.as(Finding.Severity.WARNING)
                        : finding)
                .toList());
        return new Outcome(all, outcome.databases());
    }

    private boolean isComplete(Path folder, DatabaseName name) {
        return Journal.isComplete(folder, name, config.analyze());
    }
}
