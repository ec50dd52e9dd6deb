package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Step;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.plan.ConnectionBudget;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.PreflightChecks;
import io.pgconvoy.preflight.ServerSession;
import io.pgconvoy.preflight.rehearsal.RehearsalSize;
import io.pgconvoy.preflight.rehearsal.SchemaRehearsal;
import io.pgconvoy.preflight.server.ConnectionCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Runs the preflight checks on what a migration would find, as far as they can be asked. */
public final class PreflightRun {
    private final MigrationConfig config;
    private final ClientTools tools;
    private final ConnectedServer source;
    private final ConnectedServer target;
    private final JournalPlace place;
    private final TransientRetry retry;
    private PreflightChecks preflight;

    /**
     * @param config as the journal settles it
     * @param place of the journal
     * @param retry of what fails for a reason that passes
     */
    public PreflightRun(
            MigrationConfig config,
            ClientTools tools,
            ConnectedServer source,
            ConnectedServer target,
            JournalPlace place,
            TransientRetry retry) {
        this.config = config;
        this.tools = tools;
        this.source = source;
        this.target = target;
        this.place = place;
        this.retry = retry;
        this.preflight = checks();
    }

    private PreflightChecks checks() {
        return new PreflightChecks(config.ignoredChecks(), source.server().cancellation(), retry);
    }

    /**
     * What came of it.
     *
     * @param findings the worst first
     * @param databases that were looked into; none also where it did not come to that
     * @param sourceBudget the connections that the source can give, also to each of these databases
     */
    public record Outcome(List<Finding> findings, List<DatabaseProperties> databases, ConnectionBudget sourceBudget) {
        public Outcome {
            findings = PreflightChecks.worstFirst(findings);
            databases = List.copyOf(databases);
        }

        /** The same with more findings. */
        public Outcome with(List<Finding> more) {
            return new Outcome(Stream.concat(findings.stream(), more.stream()).toList(), databases, sourceBudget);
        }
    }

    /**
     * What there is to do, and what was done.
     *
     * @param unread whether there is a journal that cannot be read: what it made nobody knows
     */
    private record Work(Discovery discovery, EarlierWork earlier, boolean unread) {}

    /**
     * Looks at both servers and into the databases that are not complete yet; changes nothing.
     *
     * @throws PgconvoyException also where the journal cannot be read
     */
    Outcome run() {
        return run(findings -> work());
    }

    /** As {@link #run}, but a journal that cannot be read is one more finding, as if nothing had been done yet. */
    public Outcome runWithAnyJournal() {
        return run(findings -> {
            List<PgconvoyException> obstacles = place.obstacles(config);
            obstacles.forEach(obstacle -> findings.add(Finding.blocker("journal", obstacle)));
            try {
                if (obstacles.stream().noneMatch(obstacle -> obstacle.kind() == ErrorKind.JOURNAL)) {
                    return work();
                }
            } catch (PgconvoyException failure) {
                if (failure.kind() != ErrorKind.JOURNAL) {
                    throw failure;
                }
                findings.add(Finding.blocker("journal", failure));
            }
            return new Work(
                    Discovery.ofNew(source.server(), config),
                    EarlierWork.NONE,
                    place.journal().exists());
        });
    }

    private Work work() {
        Discovery discovery = Discovery.of(source.server(), config, place.journal());
        discovery.refuseUnmatchedRedo(config.rerun());
        return new Work(
                discovery, EarlierWork.of(place.journal(), config, discovery.databases(), target.server()), false);
    }

    private Outcome run(Function<List<Finding>, Work> asking) {
        return retry.run("the preflight checks", () -> {
            // What was found by then is found again.
            preflight = checks();
            return once(asking);
        });
    }

    private Outcome once(Function<List<Finding>, Work> asking) {
        try (Session onSource = source.server().session("the preflight checks");
                Session onTarget = target.server().session("the preflight checks")) {
            ServerSession sourceSession = new ServerSession(source.status(), onSource);
            ServerSession targetSession = new ServerSession(target.status(), onTarget);
            List<Finding> findings = new ArrayList<>(preflight.foundations(
                    new CheckContext(config, tools, sourceSession, targetSession, List.of(), List.of(), Set.of())));
            if (!PreflightChecks.blockers(findings).isEmpty()) {
                return new Outcome(findings, List.of(), source.budget());
            }
            Work work = asking.apply(findings);
            Discovery discovery = work.discovery();
            List<DatabaseProperties> open = discovery.databases().stream()
                    .filter(database -> !work.earlier().isComplete(database))
                    // To open it would change something.
                    .filter(DatabaseProperties::allowsConnections)
                    .toList();
            findings.addAll(preflight.run(
                    new CheckContext(
                            config,
                            tools,
                            sourceSession,
                            targetSession,
                            discovery.databases(),
                            discovery.refusing(),
                            work.earlier().made(),
                            place.madeByOthers(config)),
                    open));
            if (work.unread()) {
                // They may well be this migration's, and --drop-existing is no advice for that.
                findings.removeIf(finding -> finding.check().equals(PreflightChecks.EXISTING_DATABASES));
            }
            return new Outcome(findings, open, ConnectionCheck.sourceBudget(sourceSession, open));
        }
    }

    /**
     * The same after a rehearsal, in a migration, of the databases that no earlier run has begun with: of those for which
     * it pays, or of all or none where the user says so.
     */
    Outcome rehearsed(Outcome outcome, RunMessages notes) {
        Optional<Boolean> asked = config.policy().rehearse();
        List<DatabaseProperties> databases = outcome.databases().stream()
                .filter(this::isUntouched)
                .filter(database -> asked.orElseGet(() -> RehearsalSize.paysFor(database, source.server())))
                .toList();
        if (databases.isEmpty()) {
            return outcome;
        }
        notes.info("rehearsing the schema of "
                + (databases.size() == 1
                        ? "database \"" + databases.get(0).name() + "\""
                        : databases.size() + " databases")
                + "; --no-rehearse-schema leaves that out");
        // What a rehearsal that nobody asked for cannot do is no reason to begin nothing.
        return withRehearsal(outcome, databases, asked.isPresent() ? Severity.BLOCKER : Severity.WARNING, notes);
    }

    private boolean isUntouched(DatabaseProperties database) {
        return config.rerun().redoes(database.name())
                || Stream.of(Step.DUMPED, Step.CREATED)
                        .allMatch(step -> place.journal()
                                .database(database.name())
                                .read(step)
                                .isEmpty());
    }

    /**
     * Also restores databases' schemas into scratch databases on the target.
     *
     * @param ofFailure how bad it is that a database could not be rehearsed at all
     */
    public Outcome withRehearsal(
            Outcome outcome, List<DatabaseProperties> databases, Severity ofFailure, RunMessages notes) {
        if (place.cannotDump(config).isPresent()) {
            // Which is a finding already.
            return outcome;
        }
        List<Finding> rehearsed = new SchemaRehearsal(
                        config,
                        tools,
                        source.server(),
                        target.server(),
                        target.status().systemIdentifier(),
                        ofFailure,
                        notes::info)
                .run(databases);
        List<Finding> all = new ArrayList<>(outcome.findings());
        all.addAll(preflight.finish(rehearsed).stream()
                .map(finding -> config.allowRestoreErrors() && finding.severity() == Severity.BLOCKER
                        ? finding.as(Severity.WARNING)
                        : finding)
                .toList());
        return new Outcome(all, outcome.databases(), outcome.sourceBudget());
    }
}
