package io.pgconvoy.inspection;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyConfig;
import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.report.Events;
import io.pgconvoy.report.VerifySummary;
import io.pgconvoy.report.VerifySummary.DatabaseVerdict;
import io.pgconvoy.survey.ConnectedServer;
import io.pgconvoy.survey.ConnectedServers;
import io.pgconvoy.survey.Discovery;
import io.pgconvoy.survey.LockHolder;
import io.pgconvoy.survey.RunMessages;
import io.pgconvoy.survey.ServerInventoryCheck;
import io.pgconvoy.survey.TargetLock;
import io.pgconvoy.verify.DatabaseComparison;
import io.pgconvoy.verify.inventory.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Compares what two servers hold, whoever moved the databases; changes nothing. */
public final class Verifier {
    private final VerifyConfig config;
    private final Cancellation cancellation;
    private final RunMessages notes;

    public Verifier(VerifyConfig config, Events events, Cancellation cancellation) {
        this.config = config;
        this.cancellation = cancellation;
        this.notes = new RunMessages(events);
    }

    /**
     * Compares.
     *
     * @throws PgconvoyException where a server cannot be asked; a database that cannot be compared is in the summary
     */
    public VerifySummary verify() {
        Instant startedAt = Instant.now();
        ConnectedServers servers = ConnectedServers.make(
                config.source(), config.lockWait(), config.target(), config.lockWait(), notes, cancellation);
        ConnectedServer source = servers.source();
        ConnectedServer target = servers.target();
        Set<String> atWork = new HashSet<>();
        tellRuns(target.server(), atWork);
        VerifyParallelism parallelism = VerifyParallelism.fit(config, source, target);
        notes.info("source PostgreSQL " + source.server().version() + ", target "
                + target.server().version() + "; -p " + parallelism.databases() + " --verify-concurrency "
                + parallelism.queries());
        Discovery discovery = Discovery.of(source.server(), config.databases());
        Set<DatabaseName> present = DatabaseCatalog.list(target.server()).stream()
                .map(DatabaseProperties::name)
                .collect(Collectors.toSet());
        Map<DatabaseName, DatabaseVerdict> verdicts = new ConcurrentHashMap<>();
        for (DatabaseProperties closed : discovery.refusing()) {
            verdicts.put(
                    closed.name(),
                    new DatabaseVerdict(
                            closed.name(),
                            new Failure(
                                    ErrorKind.SOURCE,
                                    "it accepts no connections (datallowconn is false)",
                                    "Allow them for the time being, or leave it out with --exclude-db.")));
        }
        try (LockWatch sourceLocks = LockWatch.start(source.server(), notes::passing);
                LockWatch targetLocks = LockWatch.start(target.server(), notes::passing)) {
            compareAll(source.server(), target.server(), discovery, present, parallelism, verdicts);
        }
        List<DatabaseVerdict> inOrder = new ArrayList<>();
        discovery.databases().forEach(database -> inOrder.add(verdicts.get(database.name())));
        discovery.refusing().forEach(database -> inOrder.add(verdicts.get(database.name())));
        Set<DatabaseName> moved = discovery.databases().stream()
                .map(DatabaseProperties::name)
                .filter(present::contains)
                .collect(Collectors.toSet());
        ServerInventoryCheck server = ServerInventoryCheck.compare(source.server(), target.server(), moved::contains);
        server.ownOfTarget().forEach(notes::info);
        server.announced().forEach(notes::warning);
        // One that has begun meanwhile.
        tellRuns(target.server(), atWork);
        return new VerifySummary(
                source.summary(),
                target.summary(),
                config.level(),
                startedAt,
                Duration.between(startedAt, Instant.now()),
                inOrder,
                server.differences(),
                notes.warnings());
    }

    /** What is compared while a run is at work may be right, but what that has still to move is not there yet. */
    private void tellRuns(Server target, Set<String> told) {
        for (LockHolder run : TargetLock.holders(target)) {
            if (told.add(run.text())) {
                notes.warning(
                        "another pgconvoy (" + run.text() + ") is at work on " + target.label()
                                + ": databases that it has not completed yet differ, or are missing; verify again when it has ended");
            }
        }
    }

    private void compareAll(
            Server source,
            Server target,
            Discovery discovery,
            Set<DatabaseName> present,
            VerifyParallelism parallelism,
            Map<DatabaseName, DatabaseVerdict> verdicts) {
        try (ServerPools sourcePools = new ServerPools(source);
                ServerPools targetPools = new ServerPools(target)) {
            DatabaseComparison comparison = new DatabaseComparison(
                    sourcePools,
                    targetPools,
                    parallelism.sourceBulkhead(),
                    parallelism.targetBulkhead(),
                    parallelism.queries(),
                    config.level(),
                    notes::passing,
                    cancellation);
            Tasks.forEach(
                    "verify",
                    parallelism.databases(),
                    cancellation,
                    discovery.databases(),
                    next -> verdicts.put(next.name(), compare(comparison, next.name(), present.contains(next.name()))));
        }
    }

    private DatabaseVerdict compare(DatabaseComparison comparison, DatabaseName name, boolean present) {
        if (!present) {
            return new DatabaseVerdict(
                    name,
                    0,
                    Optional.empty(),
                    0,
                    List.of(new Difference(
                            "database", "database " + printed(name), "", Difference.MISSING, "\\l " + printed(name))),
                    Duration.ZERO);
        }
        Instant startedAt = Instant.now();
        try {
            TransientRetry retry = new TransientRetry(cancellation, notes::passing);
            DatabaseComparison.Result result = retry.run("comparison", () -> comparison.compare(name));
            retry.notes().forEach(note -> notes.warning("database \"" + name + "\": " + note));
            int differences = result.differences().size();
            notes.info("database \"" + name + "\": "
                    + (differences == 0
                            ? "no differences"
                            : differences + (differences == 1 ? " difference" : " differences")));
            result.warnings().forEach(warning -> notes.warning("database \"" + name + "\": " + warning));
            return new DatabaseVerdict(
                    name,
                    result.tables(),
                    result.rows(),
                    result.objects(),
                    result.differences(),
                    Duration.between(startedAt, Instant.now()));
        } catch (PgconvoyException failure) {
            cancellation.check();
            return new DatabaseVerdict(name, Failure.of(failure));
        }
    }

    private static String printed(DatabaseName name) {
        return Names.printed(Names.quoted(name.value()));
    }
}
