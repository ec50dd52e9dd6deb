package io.pgconvoy.inspection;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.preflight.rehearsal.RehearsalSize;
import io.pgconvoy.report.CheckSummary;
import io.pgconvoy.report.Events;
import io.pgconvoy.survey.ConnectedServer;
import io.pgconvoy.survey.ConnectedServers;
import io.pgconvoy.survey.DeferralSurvey;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.survey.EarlierWork;
import io.pgconvoy.survey.JournalPlace;
import io.pgconvoy.survey.PreflightRun;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.survey.TargetLock;
import io.pgconvoy.survey.TuningNotice;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks for everything that could stand in the way of a migration, and says it all at once. */
public final class CheckService {
    private final MigrationConfig given;
    private final Cancellation cancellation;
    private final RunMessages notes;

    public CheckService(MigrationConfig config, Events events, Cancellation cancellation) {
        this.given = config;
        this.cancellation = cancellation;
        this.notes = new RunMessages(events);
    }

    /**
     * Looks; changes nothing but for the scratch databases of a rehearsal, which are gone in the end.
     *
     * @throws io.pgconvoy.config.PgconvoyException where a server or a tool cannot be asked
     */
    public CheckSummary check() {
        Instant startedAt = Instant.now();
        ClientTools tools = ClientTools.find(given.pgBin());
        ConnectedServers servers = ConnectedServers.make(
                given.source(), given.lockWait(), given.target(), Duration.ZERO, notes, cancellation);
        ConnectedServer source = servers.source();
        ConnectedServer target = servers.target();
        notes.info("source PostgreSQL " + source.server().version() + ", target "
                + target.server().version() + ", client tools " + tools.version() + " in " + tools.folder());
        JournalPlace place = place(source, target);
        place.otherName().ifPresent(notes::info);
        MigrationConfig config = place.settle(given);
        PreflightRun.Outcome outcome;
        TransientRetry retry = new TransientRetry(cancellation, notes::passing);
        try (LockWatch sourceLocks = LockWatch.start(source.server(), notes::passing);
                LockWatch targetLocks = LockWatch.start(target.server(), notes::passing)) {
            PreflightRun preflight = new PreflightRun(config, tools, source, target, place, retry);
            PreflightRun.Outcome found =
                    withDeferral(withRunsAtWork(preflight.runWithAnyJournal(), config, target), config, source, target);
            outcome = config.policy().rehearse().orElseGet(() -> isCheap(source, found))
                    ? preflight.withRehearsal(found, found.databases(), Severity.BLOCKER, notes)
                    : found;
        }
        notes.triedAgain(retry);
        return new CheckSummary(
                source.summary(),
                target.summary(),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                outcome.databases().size(),
                outcome.findings());
    }

    private boolean isCheap(ConnectedServer source, PreflightRun.Outcome outcome) {
        RehearsalSize size = RehearsalSize.of(source.server(), outcome.databases());
        if (!size.isSmall()) {
            notes.info("the schema is not rehearsed, as it is large (" + size + "); --rehearse-schema does it");
        }
        return size.isSmall();
    }

    /** One that cannot be read is told by the checks. */
    private JournalPlace place(ConnectedServer source, ConnectedServer target) {
        try {
            return JournalPlace.find(given, source.identity(), target.identity());
        } catch (PgconvoyException unreadable) {
            return JournalPlace.unread(given, source.identity(), target.identity());
        }
    }

    /** Other runs on the same target, one at work and one that died there. */
    private PreflightRun.Outcome withRunsAtWork(
            PreflightRun.Outcome outcome, MigrationConfig config, ConnectedServer target) {
        TargetLock lock = new TargetLock(config.policy().shareTarget(), notes, cancellation);
        return outcome.with(Stream.concat(
                        lock
                                .inTheWay(target.server())
                                .map(refusal ->
                                        Finding.blocker("other-run", refusal).on(Side.TARGET))
                                .stream(),
                        TuningNotice.of(config, target.server())
                                .map(notice -> Finding.warning("tuning", notice.what(), notice.advice())
                                        .on(Side.TARGET))
                                .stream())
                .toList());
    }

    /**
     * With what a migration would refuse of the tables that are to be deferred.
     *
     * @throws PgconvoyException of kind USAGE where a pattern means nothing, as there
     */
    private PreflightRun.Outcome withDeferral(
            PreflightRun.Outcome outcome, MigrationConfig config, ConnectedServer source, ConnectedServer target) {
        if (!config.deferral().isAsked() || outcome.databases().isEmpty()) {
            return outcome;
        }
        try {
            DeferralSurvey.run(
                    config,
                    source.server(),
                    target.server(),
                    Optional.empty(),
                    Discovery.ofNew(source.server(), config),
                    JournalPlace.named(config),
                    EarlierWork.NONE,
                    notes);
            return outcome;
        } catch (PgconvoyException refusal) {
            return switch (refusal.kind()) {
                case PREFLIGHT ->
                    outcome.with(
                            List.of(Finding.blocker("deferred-tables", refusal).on(Side.TARGET)));
                // A damaged journal is told already.
                case JOURNAL -> outcome;
                default -> throw refusal;
            };
        }
    }
}
