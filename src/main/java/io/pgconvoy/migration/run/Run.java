package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.objects.KnownMembers;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.globals.TemporaryMemberships;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.plan.JobsFit;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.concurrent.Bulkheads;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.postgres.tools.PgDump;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.report.Events;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.survey.Survey;
import io.pgconvoy.survey.TargetLock;
import io.pgconvoy.transfer.BuildPermits;
import io.pgconvoy.transfer.ForeignKeys;
import io.pgconvoy.transfer.IndexDrop;
import io.pgconvoy.transfer.PartDump;
import io.pgconvoy.transfer.TriggerDisabling;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.verify.checksum.LargeObjectSums;
import io.pgconvoy.verify.rows.ReadTransactions;
import io.pgconvoy.verify.rows.TableRowsReader;
import java.util.Optional;

/**
 * What the parts of one run go by, once the journal is open. What the pipelines use of it is safe for use by many threads.
 *
 * @param sourcePools of sessions under the migration's application name, as the target's
 * @param closedDatabases the source's databases that are opened for their dump
 * @param discovery which databases are moved
 * @param buildPermits for index builds, over all databases
 * @param memberships in roles that the target's user joins for the move, where it is no superuser; for the run's own thread
 * @param lock keeps other runs off the target
 * @param knownMembers of extensions, on both servers
 * @param writtenRows on the source
 */
public record Run(
        Survey survey,
        ServerPools sourcePools,
        ServerPools targetPools,
        LockWatch sourceLocks,
        Journal journal,
        Discovery discovery,
        TargetDatabases targetDatabases,
        ClosedDatabases closedDatabases,
        Bulkheads bulkheads,
        BuildPermits buildPermits,
        TemporaryMemberships memberships,
        TargetLock lock,
        KnownMembers knownMembers,
        WrittenRows writtenRows,
        Events events,
        Cancellation cancellation) {
    public MigrationConfig config() {
        return survey.config();
    }

    public Parallelism parallelism() {
        return survey.parallelism();
    }

    /** pg_dump's workers for a database: as many as the user said, else as fit, else one. */
    public int dumpJobs(DatabaseProperties database) {
        return JobsFit.of(
                database.size(),
                config().parallelism().dumpJobs(),
                parallelism().dumpJobs());
    }

    /** pg_restore's, likewise. */
    public int restoreJobs(DatabaseProperties database) {
        return JobsFit.of(
                database.size(),
                config().parallelism().restoreJobs(),
                parallelism().restoreJobs());
    }

    public Server source() {
        return sourcePools.server();
    }

    public Server target() {
        return targetPools.server();
    }

    /** Whether the target's user is no superuser, as on a managed service. */
    public boolean managed() {
        return !survey.target().status().superuser();
    }

    public ArchiveStore archives() {
        return ArchiveStore.of(journal);
    }

    public PgDump pgDump() {
        return new PgDump(survey.tools(), source(), survey.compression());
    }

    public PgRestore pgRestore() {
        return new PgRestore(survey.tools(), target(), !config().tablespaces().leaveOut());
    }

    public TableRowsReader sourceRows() {
        return rows(sourcePools, config().verify());
    }

    public TableRowsReader targetRows() {
        return rows(targetPools, config().verify());
    }

    /** Counts deferred tables exactly, whatever the options say, and computes checksums where they are asked for. */
    public TableRowsReader deferredSourceRows() {
        return rows(sourcePools, config().verify() == VerifyLevel.CHECKSUM ? VerifyLevel.CHECKSUM : VerifyLevel.COUNT);
    }

    private TableRowsReader rows(ServerPools pools, VerifyLevel level) {
        return new TableRowsReader(transactions(pools), level);
    }

    public Optional<LargeObjectSums> sourceLargeObjects() {
        return largeObjects(sourcePools);
    }

    public Optional<LargeObjectSums> targetLargeObjects() {
        return largeObjects(targetPools);
    }

    private ReadTransactions transactions(ServerPools pools) {
        return new ReadTransactions(pools, bulkheads.verify(), parallelism().verifyConcurrency());
    }

    private Optional<LargeObjectSums> largeObjects(ServerPools pools) {
        return config().verify() == VerifyLevel.CHECKSUM
                ? Optional.of(new LargeObjectSums(transactions(pools)))
                : Optional.empty();
    }

    public PartDump partDump() {
        return new PartDump(source(), parallelism().dumpJobs());
    }

    public TriggerDisabling triggerDisabling() {
        return new TriggerDisabling(target());
    }

    public IndexDrop indexDrop() {
        return new IndexDrop(target());
    }

    public ForeignKeys foreignKeys() {
        return new ForeignKeys(target());
    }

    public Analyzer analyzer() {
        return new Analyzer(targetPools, parallelism().restoreJobs(), cancellation);
    }
}
