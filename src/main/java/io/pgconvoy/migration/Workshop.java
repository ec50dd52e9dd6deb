package io.pgconvoy.migration;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.ObjectRights;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.LockWatch;
import io.pgconvoy.postgres.PgDump;
import io.pgconvoy.postgres.PgRestore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.report.Events;
import io.pgconvoy.transfer.BuildPermits;
import io.pgconvoy.transfer.ForeignKeys;
import io.pgconvoy.transfer.IndexDrop;
import io.pgconvoy.transfer.PartDump;
import io.pgconvoy.transfer.TriggerDisabling;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.verify.TableRowsReader;
import io.pgconvoy.verify.checksum.LargeObjectSums;
import java.util.Optional;

/**
 * Everything that the pipelines of one run share; all of it is safe for use by many threads.
 *
 * @param managed whether the target's user is no superuser, as on a managed service
 */
record Workshop(
        MigrationConfig config,
        Parallelism parallelism,
        Server source,
        Server target,
        LockWatch sourceLocks,
        Journal journal,
        ArchiveStore archives,
        Bulkheads bulkheads,
        PgDump pgDump,
        PgRestore pgRestore,
        TableRowsReader sourceRows,
        TableRowsReader targetRows,
        Optional<LargeObjectSums> sourceLargeObjects,
        Optional<LargeObjectSums> targetLargeObjects,
        DeferralTools deferral,
        ClosedDatabases closedDatabases,
        TargetDatabases targetDatabases,
        DatabaseSetup setup,
        ObjectRights rights,
        boolean managed,
        Analyzer analyzer,
        Events events,
        Cancellation cancellation) {
    /** Sets everything up. */
    static Workshop furnish(
            MigrationConfig config,
            Route route,
            ServerPools sourcePools,
            ServerPools targetPools,
            LockWatch sourceLocks,
            Events events,
            Cancellation cancellation) {
        Ground ground = route.ground();
        Journal journal = route.journal();
        Parallelism parallelism = ground.parallelism();
        Bulkheads bulkheads = Bulkheads.of(parallelism);
        int counts = parallelism.verifyConcurrency();
        Server source = sourcePools.server();
        Server target = targetPools.server();
        return new Workshop(
                config,
                parallelism,
                source,
                target,
                sourceLocks,
                journal,
                ArchiveStore.of(journal),
                bulkheads,
                new PgDump(ground.tools(), source, ground.compression()),
                new PgRestore(ground.tools(), target, !config.tablespaces().leaveOut()),
                new TableRowsReader(sourcePools, bulkheads.verify(), counts, config.verify(), cancellation),
                new TableRowsReader(targetPools, bulkheads.verify(), counts, config.verify(), cancellation),
                largeObjects(sourcePools, bulkheads, counts, config.verify(), cancellation),
                largeObjects(targetPools, bulkheads, counts, config.verify(), cancellation),
                new DeferralTools(
                        new TableRowsReader(
                                sourcePools,
                                bulkheads.verify(),
                                counts,
                                config.verify() == VerifyLevel.CHECKSUM ? VerifyLevel.CHECKSUM : VerifyLevel.COUNT,
                                cancellation),
                        targetPools,
                        new PartDump(source, parallelism.dumpJobs()),
                        new TriggerDisabling(target),
                        new IndexDrop(target),
                        new BuildPermits(parallelism.restoreJobs()),
                        new ForeignKeys(target)),
                route.closed(),
                route.targetDatabases(),
                new DatabaseSetup(source, target, config.tablespaces()),
                new ObjectRights(source, target),
                !route.isSuperuser(),
                new Analyzer(targetPools, parallelism.restoreJobs(), cancellation),
                events,
                cancellation);
    }

    private static Optional<LargeObjectSums> largeObjects(
            ServerPools pools, Bulkheads bulkheads, int concurrency, VerifyLevel level, Cancellation cancellation) {
        return level == VerifyLevel.CHECKSUM
                ? Optional.of(new LargeObjectSums(pools, bulkheads.verify(), concurrency, cancellation))
                : Optional.empty();
    }
}
