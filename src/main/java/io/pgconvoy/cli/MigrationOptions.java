package io.pgconvoy.cli;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.Home;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Rerun;
import io.pgconvoy.config.RunPolicy;
import io.pgconvoy.config.TablePattern;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.Transport;
import io.pgconvoy.config.VerifyLevel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a migration, which {@code check} takes, too: it looks at what {@code migrate} would do. */
final class MigrationOptions {
    /** Measured: a database of 13 MB costs less by an archive, one of 25 MB by sessions (docs/transport.md). */
    private static final ByteSize DEFAULT_STREAMED = ByteSize.ofMegabytes(16);

    @Mixin
    private SourceOptions source;

    @Mixin
    private TargetOptions target;

    @Option(
            names = "--dump-jobs",
            paramLabel = "N",
            description = "pg_dump workers per database. Default: fitted, at most 24")
    private Integer dumpJobs;

    @Option(
            names = "--restore-jobs",
            paramLabel = "N",
            description = "pg_restore workers per database. Default: fitted, at most 12")
    private Integer restoreJobs;

    @Option(
            names = {"-p", "--max-parallel"},
            paramLabel = "N",
            description = "Databases dumped and restored at once. Default: fitted, at most 6")
    private Integer maxParallel;

    @Option(
            names = "--dump-parallel",
            paramLabel = "N",
            description = "Databases dumped at once. Default: --max-parallel")
    private Integer dumpParallel;

    @Option(
            names = "--restore-parallel",
            paramLabel = "N",
            description = "Databases restored at once. Default: --max-parallel")
    private Integer restoreParallel;

    @Option(
            names = "--verify-concurrency",
            paramLabel = "N",
            description = "Counting queries at once, over all databases and both servers. Default: fitted, at most 16")
    private Integer verifyConcurrency;

    @Option(
            names = "--dump-root",
            paramLabel = "DIR",
            description = "Folder for dumps. Default: the journal's, or pg_dumps")
    private Path dumpRoot;

    @Option(
            names = "--compress",
            paramLabel = "METHOD[:LEVEL]",
            description = "zstd, gzip, lz4 or none. Default: zstd:1 where pg_dump has it (16 and later), else gzip:1")
    private String compress;

    @Option(
            names = "--migrate-globals",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Carry over roles, memberships, tablespaces and settings. Default: true")
    private Boolean migrateGlobals;

    @Option(
            names = "--map-tablespace",
            paramLabel = "OLD=NEW",
            description =
                    "Folder on the target for a tablespace, by its name or its folder on the source;" + " repeatable.")
    private List<String> mapTablespace;

    @Option(names = "--no-tablespaces", description = "Make no tablespaces; everything goes into the default one.")
    private boolean noTablespaces;

    @Option(names = "--disable-dst-optimizations", description = "Do not tune the target for the load.")
    private boolean disableTuning;

    @Option(
            names = "--verify",
            paramLabel = "none|estimate|count|checksum",
            description = "How rows are compared; what a database holds is compared always. Default: count")
    private String verify;

    @Option(
            names = "--fast-verify",
            description = "Compare pg_class.reltuples instead of count(*); mismatches are warnings. The same as"
                    + " --verify estimate.")
    private boolean fastVerify;

    @Option(
            names = "--include-db",
            paramLabel = "GLOB",
            description = "Move only databases that match (* and ?); repeatable.")
    private List<String> include;

    @Option(names = "--exclude-db", paramLabel = "GLOB", description = "Leave databases behind that match; repeatable.")
    private List<String> exclude;

    @Option(
            names = "--redo",
            paramLabel = "GLOB",
            description = "Drop databases that match on the target, if they are this migration's, and move them anew;"
                    + " repeatable.")
    private List<String> redo;

    @Option(
            names = "--order",
            paramLabel = "size-asc|size-desc",
            description = "Order of the databases. Default: size-asc")
    private String order;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "Folder for the journal. Default: ~/.pgconvoy")
    private Path stateDir;

    @Option(
            names = "--pg-bin",
            paramLabel = "DIR",
            description = "Folder of pg_dump and pg_restore. Default: the newest installed")
    private Path pgBin;

    @Option(names = "--allow-restore-errors", description = "Count a database as moved despite errors of pg_restore.")
    private boolean allowRestoreErrors;

    @Option(names = "--no-analyze", description = "Do not gather statistics on the target.")
    private boolean noAnalyze;

    @Option(
            names = "--drop-existing",
            description =
                    "Drop databases on the target that have a source database's name and are not this migration's.")
    private boolean dropExisting;

    @Option(
            names = "--share-target",
            description = "Let other runs, which give this as well, move other databases to the target meanwhile.")
    private boolean shareTarget;

    @Option(
            names = "--ignore-check",
            paramLabel = "NAME",
            description = "Go on though this preflight check found a blocker; repeatable.")
    private List<String> ignoreCheck;

    @Option(
            names = "--rehearse-schema",
            negatable = true,
            description =
                    "Before anything else, also restore every database's schema, and the first rows of tables whose"
                            + " rows are checked or computed with, into scratch databases on the target, and drop them again."
                            + " Default: where it costs little")
    private Boolean rehearseSchema;

    @Option(
            names = "--open-closed-databases",
            description = "Open source databases that refuse connections for the time of their dump.")
    private boolean openClosed;

    @Option(names = "--keep-dumps", description = "Keep the dumps after verification.")
    private boolean keepDumps;

    @Option(
            names = "--transport",
            paramLabel = "stream|dump",
            description =
                    "How rows get to the target: straight, or by dumps on disk. Default: stream; with --keep-dumps dump")
    private String transport;

    @Option(
            names = "--stream-larger-than",
            paramLabel = "SIZE",
            description = "With --transport stream, smaller databases go by dumps. Default: 16MB")
    private String streamLargerThan;

    @Option(
            names = "--delay-table-data",
            paramLabel = "DATABASE.TABLE",
            description = "Load the data of tables that match (* and ?; or DATABASE.SCHEMA.TABLE) last; repeatable.")
    private List<String> delayTableData;

    @Option(
            names = "--delay-larger-than",
            paramLabel = "SIZE",
            description = "Load the data of all tables larger than this last: 50GB")
    private String delayLargerThan;

    @Option(
            names = "--part-size",
            paramLabel = "SIZE",
            description = "Size of the parts in which that data goes. Default: 1GB")
    private String partSize;

    @Option(
            names = "--concurrent-index-builds",
            description = "Let clients write to those tables while their indexes are built.")
    private boolean concurrentIndexBuilds;

    @Option(
            names = "--reconnect-timeout",
            paramLabel = "DURATION",
            description = "How long a server that is gone is tried before the run ends: 90s, 10m. Default: 5m")
    private String reconnectTimeout;

    @Option(names = "--lock-wait-timeout", paramLabel = "DURATION", description = LockWait.DESCRIPTION)
    private String lockWaitTimeout;

    @Mixin
    SummaryJsonOption summaryJson;

    @Option(names = "--dry-run", description = "Say what would be done; change nothing.")
    private boolean dryRun;

    /**
     * Builds what the user asked for.
     *
     * @throws PgconvoyException of kind USAGE where an option's value makes no sense
     */
    MigrationConfig config(Home home) {
        return new MigrationConfig(
                source.endpoint(),
                target.endpoint(),
                new ParallelismRequest(
                        optional(dumpJobs),
                        optional(restoreJobs),
                        optional(maxParallel),
                        optional(dumpParallel),
                        optional(restoreParallel),
                        optional(verifyConcurrency)),
                new DatabaseSelection(
                        MultiValues.globs("--include-db", include),
                        MultiValues.globs("--exclude-db", exclude),
                        order()),
                dumpRoot == null ? Path.of("pg_dumps") : dumpRoot,
                Optional.ofNullable(compress).map(Compression::parse),
                migrateGlobals == null || migrateGlobals,
                !disableTuning,
                TablespaceChoice.parse(MultiValues.of(mapTablespace), noTablespaces),
                verifyLevel(),
                StateDir.orDefault(stateDir, home),
                Optional.ofNullable(pgBin),
                dryRun,
                allowRestoreErrors,
                !noAnalyze,
                dropExisting,
                Set.copyOf(MultiValues.of(ignoreCheck)),
                openClosed,
                keepDumps,
                deferral(),
                streamed(),
                LockWait.parse(lockWaitTimeout),
                new RunPolicy(shareTarget, LockWait.reconnect(reconnectTimeout), Optional.ofNullable(rehearseSchema)),
                new Rerun(dumpRoot != null, MultiValues.globs("--redo", redo)));
    }

    private VerifyLevel verifyLevel() {
        if (verify == null) {
            return fastVerify ? VerifyLevel.ESTIMATE : VerifyLevel.COUNT;
        }
        VerifyLevel level = VerifyLevel.parse("--verify", verify);
        if (fastVerify && level != VerifyLevel.ESTIMATE) {
            throw PgconvoyException.usage(
                    "--fast-verify and --verify " + level.label() + " contradict each other", "Give one of them.");
        }
        return level;
    }

    private DatabaseOrder order() {
        String given = order == null ? "size-asc" : order;
        return switch (given.toLowerCase(Locale.ROOT)) {
            case "size-asc" -> DatabaseOrder.SIZE_ASC;
            case "size-desc" -> DatabaseOrder.SIZE_DESC;
            default ->
                throw PgconvoyException.usage("--order: '" + given + "' is no order", "Give size-asc or size-desc.");
        };
    }

    private Optional<ByteSize> streamed() {
        if (transport() == Transport.DUMP) {
            if (streamLargerThan != null) {
                throw PgconvoyException.usage(
                        "--stream-larger-than is of no use with "
                                + (transport == null ? "--keep-dumps" : "--transport dump"),
                        "Give one of them.");
            }
            return Optional.empty();
        }
        if (keepDumps) {
            throw PgconvoyException.usage(
                    "--keep-dumps and --transport stream contradict each other: what is streamed is in no dump",
                    "Give one of them.");
        }
        return Optional.of(
                streamLargerThan == null ? DEFAULT_STREAMED : ByteSize.parse("--stream-larger-than", streamLargerThan));
    }

    private Transport transport() {
        if (transport != null) {
            return Transport.parse("--transport", transport);
        }
        return keepDumps ? Transport.DUMP : Transport.STREAM;
    }

    private Deferral deferral() {
        List<TablePattern> patterns = new ArrayList<>();
        if (delayTableData != null) {
            delayTableData.stream()
                    .flatMap(text -> TablePattern.lines(text).stream())
                    .forEach(line -> patterns.add(TablePattern.parse("--delay-table-data", line)));
        }
        return new Deferral(
                patterns,
                Optional.ofNullable(delayLargerThan).map(text -> ByteSize.parse("--delay-larger-than", text)),
                partSize == null ? Deferral.DEFAULT_PART_SIZE : ByteSize.parse("--part-size", partSize),
                concurrentIndexBuilds);
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
