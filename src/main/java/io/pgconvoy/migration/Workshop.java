package io.pgconvoy.migration;

import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.ObjectRights;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.PgDump;
import io.pgconvoy.postgres.PgRestore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.report.Events;
import io.pgconvoy.transfer.BuildPermits;
import io.pgconvoy.transfer.ForeignKeys;
import io.pgconvoy.transfer.IndexDrop;
import io.pgconvoy.transfer.PartDump;
import io.pgconvoy.transfer.TriggerMute;
import io.pgconvoy.verify.RowCounter;
import io.pgconvoy.verify.TableRowsReader;

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
        Journal journal,
        ArchiveStore archives,
        Bulkheads bulkheads,
        PgDump pgDump,
        PgRestore pgRestore,
        TableRowsReader sourceRows,
        TableRowsReader targetRows,
        DeferralTools deferral,
        TargetDatabases targetDatabases,
        DatabaseSetup setup,
        ObjectRights rights,
        boolean managed,
        Analyzer analyzer,
        ProgressPoller poller,
        Events events,
        Cancellation cancellation) {
    /** Sets everything up. */
    static Workshop furnish(
            MigrationConfig config,
            Ground ground,
            ServerPools sourcePools,
            ServerPools targetPools,
            Journal journal,
            TargetDatabases targetDatabases,
            ProgressPoller poller,
            Events events,
            Cancellation cancellation) {
        Parallelism parallelism = ground.parallelism();
        Bulkheads bulkheads = Bulkheads.of(parallelism);
        int counts = parallelism.verifyConcurrency();
        RowCounter counter = new RowCounter(bulkheads.verify(), counts, cancellation);
        Server source = sourcePools.server();
        Server target = targetPools.server();
        return new Workshop(
                config,
                parallelism,
                source,
                target,
                journal,
                new ArchiveStore(config.dumpRoot(), journal.id()),
                bulkheads,
                new PgDump(ground.tools(), source, ground.compression()),
                new PgRestore(ground.tools(), target),
                new TableRowsReader(sourcePools, counter, counts, config.fastVerify()),
                new TableRowsReader(targetPools, counter, counts, config.fastVerify()),
                new DeferralTools(
                        new TableRowsReader(sourcePools, counter, counts, false),
                        targetPools,
                        new PartDump(source, parallelism.dumpJobs(), cancellation),
                        new TriggerMute(target, cancellation),
                        new IndexDrop(target, cancellation),
                        new BuildPermits(parallelism.restoreJobs()),
                        new ForeignKeys(target, cancellation)),
                targetDatabases,
                new DatabaseSetup(source, target),
                new ObjectRights(source, target),
                !ground.target().status().superuser(),
                new Analyzer(targetPools, parallelism.restoreJobs(), cancellation),
                poller,
                events,
                cancellation);
    }
}
