package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.plan.ParallelismFit;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.preflight.PreflightChecks;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * What a run stands on: tools that work, servers that answer, and how much may go on at once.
 *
 * @param config what the user asked for, as the journal settles it
 * @param place of the journal
 * @param compression what the user wants, or the best that the tools know
 * @param present the OIDs of the target's databases, before anything else was looked at
 */
public record Survey(
        MigrationConfig config,
        JournalPlace place,
        ClientTools tools,
        Compression compression,
        ConnectedServer source,
        ConnectedServer target,
        Set<Long> present,
        Parallelism parallelism) {
    public Survey {
        present = Set.copyOf(present);
    }

    /**
     * Looks for the tools, asks both servers, runs the checks, and may rehearse; leaves nothing changed.
     *
     * @param claim keeps other runs off the target, or makes sure that there is none
     * @throws PgconvoyException where the run cannot begin
     */
    public static Survey of(
            MigrationConfig given,
            RunMessages notes,
            Cancellation cancellation,
            BiConsumer<Server, JournalStore> claim) {
        ClientTools tools = ClientTools.find(given.pgBin());
        Compression compression = compression(given, tools);
        ConnectedServers servers = ConnectedServers.make(
                given.source(), given.lockWait(), given.target(), Duration.ZERO, notes, cancellation);
        ConnectedServer source = servers.source();
        ConnectedServer target = servers.target();
        JournalPlace place = JournalPlace.find(given, source.identity(), target.identity());
        MigrationConfig config = place.settle(given);
        place.obstacles(config).stream().findFirst().ifPresent(obstacle -> {
            throw obstacle;
        });
        place.otherName().ifPresent(notes::info);
        // Before the checks, which would find what another run is just making.
        claim.accept(target.server(), place.journal());
        Set<Long> present = DatabaseCatalog.list(target.server()).stream()
                .map(DatabaseProperties::oid)
                .collect(Collectors.toSet());
        PreflightRun.Outcome outcome;
        TransientRetry retry = new TransientRetry(cancellation, notes::passing);
        try (LockWatch sourceLocks = LockWatch.start(source.server(), notes::passing);
                LockWatch targetLocks = LockWatch.start(target.server(), notes::passing)) {
            PreflightRun preflight = new PreflightRun(config, tools, source, target, place, retry);
            outcome = preflight.run();
            // The rehearsal takes longer.
            PreflightChecks.refuseBlockers(outcome.findings());
            outcome = config.dryRun() ? outcome : preflight.rehearsed(outcome, notes);
        }
        notes.triedAgain(retry);
        List<Finding> findings = outcome.findings();
        PreflightChecks.refuseBlockers(findings);
        for (Finding finding : findings) {
            String text = finding.sentence() + ". " + finding.advice();
            if (finding.severity() == Severity.WARNING) {
                notes.warning(text);
            } else {
                notes.info(text);
            }
        }
        Parallelism parallelism = ParallelismFit.fit(
                config.parallelism(),
                outcome.sourceBudget(),
                target.budget(),
                Runtime.getRuntime().availableProcessors());
        notes.info("source PostgreSQL " + source.server().version() + ", target "
                + target.server().version() + ", client tools " + tools.version() + " in " + tools.folder());
        notes.info(parallelism + " --compress " + compression);
        return new Survey(config, place, tools, compression, source, target, present, parallelism);
    }

    /**
     * What archives are compressed with.
     *
     * @throws PgconvoyException of kind USAGE where the tools do not know what the user wants
     */
    private static Compression compression(MigrationConfig config, ClientTools tools) {
        Compression compression =
                config.compression().orElse(tools.knowsZstd() ? Compression.ZSTD_1 : Compression.GZIP_1);
        refuseUnknown(compression, tools);
        return compression;
    }

    private static void refuseUnknown(Compression compression, ClientTools tools) {
        boolean known = switch (compression.method()) {
            case GZIP, NONE -> true;
            case ZSTD, LZ4 -> tools.knowsZstd();
        };
        if (!known) {
            throw PgconvoyException.usage(
                    "--compress: pg_dump " + tools.version() + " in " + tools.folder() + " does not know "
                            + compression,
                    "Use gzip:1, or client tools of 16 or later (--pg-bin).");
        }
    }
}
