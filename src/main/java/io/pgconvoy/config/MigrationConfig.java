package io.pgconvoy.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Everything the user asked of {@code pgconvoy migrate}.
 *
 * @param parallelism what the user said about how much goes on at once
 * @param dumpRoot the folder for archives, absolute
 * @param compression empty for the best that the client tools know
 * @param migrateGlobals whether roles, tablespaces and settings are carried over
 * @param tuneTarget whether the target's settings are changed for the load
 * @param tablespaces where the source's tablespaces go
 * @param verify how closely source and target are compared
 * @param stateDir the folder of all journals, absolute
 * @param pgBin the client tools' folder; empty for the newest installed
 * @param dryRun whether only to say what would be done
 * @param allowRestoreErrors whether a database counts as moved in spite of errors of pg_restore
 * @param analyze whether statistics are gathered on the target
 * @param dropExisting whether databases of the same name that this migration did not create are dropped
 * @param ignoredChecks names of preflight checks whose blockers do not stop the run
 * @param openClosed whether source databases that refuse connections are opened for the time of their dump
 * @param keepDumps whether archives stay after verification
 * @param deferral which tables' data is moved last
 * @param streamed the rows of databases that are larger than this go straight to the target, without an archive; empty
 *     where all go by archives
 * @param lockWait the most that is waited for a lock of somebody else's on the source
 * @param policy how the run lives with others and with servers that go away
 * @param rerun what the user says about what earlier runs have done
 */
public record MigrationConfig(
        Endpoint source,
        Endpoint target,
        ParallelismRequest parallelism,
        DatabaseSelection databases,
        Path dumpRoot,
        Optional<Compression> compression,
        boolean migrateGlobals,
        boolean tuneTarget,
        TablespaceChoice tablespaces,
        VerifyLevel verify,
        Path stateDir,
        Optional<Path> pgBin,
        boolean dryRun,
        boolean allowRestoreErrors,
        boolean analyze,
        boolean dropExisting,
        Set<String> ignoredChecks,
        boolean openClosed,
        boolean keepDumps,
        Deferral deferral,
        Optional<ByteSize> streamed,
        Duration lockWait,
        RunPolicy policy,
        Rerun rerun) {
    public MigrationConfig {
        refuseSameServer(source, target);
        ignoredChecks = Set.copyOf(ignoredChecks);
        dumpRoot = dumpRoot.toAbsolutePath().normalize();
        stateDir = stateDir.toAbsolutePath().normalize();
    }

    static void refuseSameServer(Endpoint source, Endpoint target) {
        if (source.host().equals(target.host()) && source.port() == target.port()) {
            throw PgconvoyException.usage(
                    "source and target are the same server, " + source.host() + ":" + source.port(),
                    "Give another --to-host or --to-port.");
        }
    }

    /** The same with other endpoints: with passwords that were asked for. */
    public MigrationConfig withEndpoints(Endpoint newSource, Endpoint newTarget) {
        return with(newSource, newTarget, dumpRoot);
    }

    /** The same with another folder for archives. */
    public MigrationConfig withDumpRoot(Path newDumpRoot) {
        return with(source, target, newDumpRoot);
    }

    private MigrationConfig with(Endpoint newSource, Endpoint newTarget, Path newDumpRoot) {
        return new MigrationConfig(
                newSource,
                newTarget,
                parallelism,
                databases,
                newDumpRoot,
                compression,
                migrateGlobals,
                tuneTarget,
                tablespaces,
                verify,
                stateDir,
                pgBin,
                dryRun,
                allowRestoreErrors,
                analyze,
                dropExisting,
                ignoredChecks,
                openClosed,
                keepDumps,
                deferral,
                streamed,
                lockWait,
                policy,
                rerun);
    }
}
