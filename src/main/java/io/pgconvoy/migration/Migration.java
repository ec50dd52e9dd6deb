package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsMigration;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.plan.MemoryFit;
import io.pgconvoy.plan.ParallelismFit;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.ClientTools;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.PgDump;
import io.pgconvoy.postgres.PgRestore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.preflight.Finding;
import io.pgconvoy.preflight.Preflight;
import io.pgconvoy.preflight.Situation;
import io.pgconvoy.report.Event.Outcome;
import io.pgconvoy.report.Events;
import io.pgconvoy.report.Summary;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetMemory;
import io.pgconvoy.tuning.TargetTuning;
import io.pgconvoy.tuning.TuningRequest;
import io.pgconvoy.tuning.TuningRequest.CrashSafety;
import io.pgconvoy.verify.RowCounter;
import io.pgconvoy.verify.TableRowsReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Moves one server: preflight, discovery, tuning, globals, a pipeline for each database, and the tuning's reversal
 * whatever happened. One run of one object.
 */
public final class Migration {
    private final MigrationConfig config;
    private final Events events;
    private final Cancellation cancellation;
    private final Notes notes;

    public Migration(MigrationConfig config, Events events, Cancellation cancellation) {
        this.config = config;
        this.events = events;
        this.cancellation = cancellation;
        this.notes = new Notes(events);
    }

    /** Whether a target has to be looked at first: no such tool, unreachable servers, blockers are thrown from here. */
    private record Ground(ClientTools tools, Contact source, Contact target, Parallelism parallelism) {}

    /**
     * Does it.
     *
     * @return what came of it; failed databases are in there, not thrown
     * @throws PgconvoyException where it cannot begin, or cannot put the target's settings back
     */
    public Report run() {
        Instant startedAt = Instant.now();
        Ground ground = survey();
        ArchiveStore.checkWritable(config.dumpRoot());
        Path folder = journalFolder(config);
        try (Journal journal = Journal.open(
                folder,
                ground.source().identity(),
                ground.target().identity(),
                config.dumpRoot(),
                config.fastVerify())) {
            Server source = ground.source().server().withApplicationName(journal.applicationName());
            Server target = ground.target().server().withApplicationName(journal.applicationName());
            Leftovers.endSessions(source);
            Leftovers.endSessions(target);
            TargetTuning earlier = new TargetTuning(target, tuningFile(folder), Clock.systemUTC());
            earlier.revert().ifPresent(outcome -> tellReverted("an earlier run's ", outcome));
            Discovery discovery = Discovery.of(source, config.databases());
            discovery.warnings().forEach(notes::warning);
            TargetDatabases targetDatabases =
                    new TargetDatabases(target, new DatabaseSetup(source, target), journal.id(), config.dropExisting());
            refuseForeign(target, journal, discovery, targetDatabases);
            targetDatabases.dropTemporary();
            return load(startedAt, ground, source, target, journal, discovery, targetDatabases);
        }
    }

    /** Says what {@link #run} would do; changes nothing on either server or on disk. */
    public Preview preview() {
        Ground ground = survey();
        Path folder = journalFolder(config);
        Discovery discovery = Discovery.of(ground.source().server(), config.databases());
        GlobalsResult globals = config.migrateGlobals()
                ? new GlobalsMigration(ground.source().server(), ground.target().server()).preview()
                : GlobalsResult.NOTHING;
        Set<DatabaseName> complete = new HashSet<>();
        discovery.databases().stream()
                .map(DatabaseProperties::name)
                .filter(name -> Journal.isComplete(folder, name, config.analyze()))
                .forEach(complete::add);
        List<String> warnings = new ArrayList<>(notes.warnings());
        warnings.addAll(discovery.warnings());
        discovery.refusing().forEach(database -> warnings.add(refusal(database)));
        warnings.addAll(globals.warnings());
        return new Preview(
                ground.tools(),
                compression(ground.tools()),
                ground.parallelism(),
                discovery.databases(),
                complete,
                globals.changes(),
                warnings);
    }

    /** The journal's folder for a configuration. */
    static Path journalFolder(MigrationConfig config) {
        return Journal.folder(
                config.stateDir(),
                config.source().host(),
                config.source().port(),
                config.target().host(),
                config.target().port());
    }

    static Path tuningFile(Path journalFolder) {
        return journalFolder.resolve("tuning.json");
    }

    private Ground survey() {
        ClientTools tools = ClientTools.find(config.pgBin());
        Compression compression = compression(tools);
        boolean known = tools.knowsZstd()
                || compression.method() == Compression.Method.GZIP
                || compression.method() == Compression.Method.NONE;
        if (!known) {
            throw PgconvoyException.usage(
                    "--compress: pg_dump " + tools.version() + " in " + tools.folder() + " does not know "
                            + compression,
                    "Use gzip:1, or client tools of 16 or later (--pg-bin).");
        }
        Contact source = Contact.make(config.source());
        Contact target = Contact.make(config.target());
        List<Finding> findings =
                Preflight.run(new Situation(config.source(), source.status(), config.target(), target.status(), tools));
        Preflight.refuseBlockers(findings);
        findings.forEach(finding -> notes.warning(finding.what() + ". " + finding.advice()));
        Parallelism parallelism = ParallelismFit.fit(
                config.parallelism(),
                source.budget(),
                target.budget(),
                Runtime.getRuntime().availableProcessors());
        notes.info("client tools " + tools.version() + " in " + tools.folder() + ", " + compression);
        notes.info("source PostgreSQL " + source.server().version() + ", target "
                + target.server().version() + "; " + parallelism);
        return new Ground(tools, source, target, parallelism);
    }

    private Compression compression(ClientTools tools) {
        return config.compression().orElse(tools.knowsZstd() ? Compression.ZSTD_1 : Compression.GZIP_1);
    }

    private void refuseForeign(Server target, Journal journal, Discovery discovery, TargetDatabases targetDatabases) {
        List<String> foreign = new ArrayList<>();
        List<String> untouchable = new ArrayList<>();
        for (DatabaseProperties database : discovery.databases()) {
            DatabaseName name = database.name();
            Optional<Markers.Created> created = journal.database(name).read(Step.CREATED);
            switch (targetDatabases.obstacle(name, created)) {
                case NONE -> {}
                case FOREIGN -> foreign.add("\"" + name + "\"");
                case UNTOUCHABLE -> untouchable.add("\"" + name + "\"");
            }
        }
        if (!untouchable.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    target.label() + " holds what can be neither replaced nor filled: database "
                            + String.join(", ", untouchable),
                    "A built-in database must hold no user objects, and --to-db must not be one that is moved; or leave"
                            + " it out with --exclude-db.");
        }
        if (!foreign.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    target.label() + " already has databases that this migration did not create: "
                            + String.join(", ", foreign),
                    "Move or drop them, leave them out with --exclude-db, or allow --drop-existing.");
        }
    }

    private Report load(
            Instant startedAt,
            Ground ground,
            Server source,
            Server target,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases) {
        TargetTuning tuning = new TargetTuning(target, tuningFile(journal.folder()), Clock.systemUTC());
        GlobalsResult globals = GlobalsResult.NOTHING;
        List<DatabaseResult> results = List.of();
        RuntimeException failure = null;
        try {
            cancellation.check();
            tune(tuning, target, journal, discovery, targetDatabases, ground.parallelism());
            cancellation.check();
            if (config.migrateGlobals()) {
                globals = new GlobalsMigration(source, target).apply();
                notes.globals(globals);
            }
            try (ServerPools sourcePools = new ServerPools(source);
                    ServerPools targetPools = new ServerPools(target);
                    ProgressPoller poller = new ProgressPoller()) {
                Workshop shop = workshop(ground, sourcePools, targetPools, journal, targetDatabases, poller);
                notes.begin(discovery, journal, config.analyze());
                results = new Crew(shop).run(discovery.databases());
            }
            if (config.migrateGlobals() && !cancellation.isCancelled()) {
                // ALTER ROLE ALL SET would have reached our own sessions, too.
                GlobalsResult last = new DatabaseSetup(source, target).applySettingsOfEverybody();
                notes.globals(last);
                globals = globals.plus(last);
            }
        } catch (RuntimeException thrown) {
            failure = thrown;
        }
        // The flag that ended the work must not end what puts things right.
        Thread.interrupted();
        try {
            tuning.revert().ifPresent(outcome -> tellReverted("the ", outcome));
        } catch (PgconvoyException unreverted) {
            if (failure != null) {
                unreverted.addSuppressed(failure);
            }
            notes.error(unreverted.getMessage() + " " + unreverted.hint());
            failure = failure == null || results.isEmpty() ? unreverted : failure;
            if (!results.isEmpty()) {
                return report(startedAt, ground, discovery, results, globals, Optional.of(ErrorKind.TARGET));
            }
        }
        boolean interrupted = cancellation.isCancelled();
        if (failure != null && !(interrupted && isInterruption(failure))) {
            throw failure;
        }
        return report(
                startedAt,
                ground,
                discovery,
                results,
                globals,
                interrupted ? Optional.of(ErrorKind.INTERRUPTED) : Optional.empty());
    }

    private static boolean isInterruption(RuntimeException failure) {
        return failure instanceof PgconvoyException known && known.kind() == ErrorKind.INTERRUPTED;
    }

    private Report report(
            Instant startedAt,
            Ground ground,
            Discovery discovery,
            List<DatabaseResult> results,
            GlobalsResult globals,
            Optional<ErrorKind> end) {
        List<DatabaseResult> all = new ArrayList<>(results);
        discovery
                .refusing()
                .forEach(database -> all.add(DatabaseResult.untouched(database, Outcome.FAILED, refusal(database))));
        return Report.of(startedAt, ground.source(), ground.target(), all, globals, notes, end);
    }

    private static String refusal(DatabaseProperties database) {
        return "database \"" + database.name() + "\" accepts no connections (datallowconn is false), so it cannot be"
                + " dumped -- ALTER DATABASE ... ALLOW_CONNECTIONS true on the source, or --exclude-db";
    }

    private void tune(
            TargetTuning tuning,
            Server target,
            Journal journal,
            Discovery discovery,
            TargetDatabases targetDatabases,
            Parallelism parallelism) {
        boolean work = discovery.databases().stream()
                .anyMatch(database -> !journal.database(database.name()).isComplete(config.analyze()));
        if (!config.tuneTarget() || !work) {
            return;
        }
        List<String> others = otherDatabases(target, journal, discovery, targetDatabases);
        CrashSafety crashSafety = others.isEmpty()
                ? new CrashSafety(true, "the target holds no other databases")
                : new CrashSafety(false, "the target also holds database " + String.join(", ", others));
        TuningRequest request = new TuningRequest(
                MemoryFit.maintenanceWorkMem(TargetMemory.ask(target).size(), parallelism.concurrentBuilders()),
                crashSafety);
        notes.tuned(tuning.apply(request));
    }

    /** Databases on the target that a crash while fsync is off would take along, and that are not this migration's. */
    private List<String> otherDatabases(
            Server target, Journal journal, Discovery discovery, TargetDatabases targetDatabases) {
        Set<Long> ours = new HashSet<>();
        discovery
                .databases()
                .forEach(database -> journal.database(database.name())
                        .read(Step.CREATED)
                        .ifPresent(created -> ours.add(created.oid())));
        Set<DatabaseName> builtIn =
                Set.of(new DatabaseName("template0"), new DatabaseName("template1"), new DatabaseName("postgres"));
        try (Connection connection = target.open()) {
            return DatabaseCatalog.list(connection, target.version()).stream()
                    .filter(database -> !ours.contains(database.oid()) && !targetDatabases.isTemporary(database.name()))
                    .filter(database -> !builtIn.contains(database.name())
                            || (database.allowsConnections() && targetDatabases.holdsUserObjects(database.name())))
                    .map(database -> "\"" + database.name() + "\"")
                    .toList();
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "listing databases", failure);
        }
    }

    private Workshop workshop(
            Ground ground,
            ServerPools sourcePools,
            ServerPools targetPools,
            Journal journal,
            TargetDatabases targetDatabases,
            ProgressPoller poller) {
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
                new PgDump(ground.tools(), source, compression(ground.tools())),
                new PgRestore(ground.tools(), target),
                new TableRowsReader(sourcePools, counter, counts, config.fastVerify()),
                new TableRowsReader(targetPools, counter, counts, config.fastVerify()),
                targetDatabases,
                new DatabaseSetup(source, target),
                new Analyzer(targetPools, parallelism.restoreJobs(), cancellation),
                poller,
                events,
                cancellation);
    }

    private void tellReverted(String whose, RevertOutcome outcome) {
        notes.info(whose + "target's tuning is reverted: " + String.join(", ", outcome.restored()));
        outcome.warnings().forEach(notes::warning);
    }

    /**
     * How a run ended.
     *
     * @param summary its exit code is still 0: the command line knows the codes
     * @param end what the run ended with, if not with its work
     */
    public record Report(Summary summary, boolean anyFailed, Optional<ErrorKind> end) {
        static Report of(
                Instant startedAt,
                Contact source,
                Contact target,
                List<DatabaseResult> results,
                GlobalsResult globals,
                Notes notes,
                Optional<ErrorKind> end) {
            boolean failed = !globals.failures().isEmpty()
                    || results.stream().anyMatch(result -> result.outcome() == Outcome.FAILED);
            return new Report(SummaryBuilder.build(startedAt, source, target, results, globals, notes), failed, end);
        }
    }
}
