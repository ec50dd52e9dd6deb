package io.pgconvoy.cli;

import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.VerifyConfig;
import io.pgconvoy.config.VerifyLevel;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgconvoy verify}: compares two servers, whoever moved the databases. */
@Command(
        name = "verify",
        description = "Compares what both servers hold as they are now, and names each difference; changes nothing.",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class)
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private SourceOptions source;

    @Mixin
    private TargetOptions target;

    @Option(
            names = "--verify",
            paramLabel = "none|estimate|count|checksum",
            description = "How rows are compared; what a database holds is compared always. Default: count")
    private String verify;

    @Option(
            names = "--include-db",
            paramLabel = "GLOB",
            description = "Compare only databases that match (* and ?); repeatable.")
    private List<String> include;

    @Option(names = "--exclude-db", paramLabel = "GLOB", description = "Leave databases out that match; repeatable.")
    private List<String> exclude;

    @Option(
            names = {"-p", "--max-parallel"},
            paramLabel = "N",
            description = "Databases compared at once. Default: fitted, at most 6")
    private Integer maxParallel;

    @Option(
            names = "--verify-concurrency",
            paramLabel = "N",
            description = "Queries at once on each server, over all databases. Default: fitted, at most 16")
    private Integer verifyConcurrency;

    @Option(names = "--lock-wait-timeout", paramLabel = "DURATION", description = LockWait.DESCRIPTION)
    private String lockWaitTimeout;

    @Mixin
    SummaryJsonOption summaryJson;

    @Mixin
    private ConfigFileOption configFile;

    private final Runner runner;

    VerifyCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        VerifyConfig config = new VerifyConfig(
                source.endpoint(),
                target.endpoint(),
                new DatabaseSelection(
                        MultiValues.globs("--include-db", include),
                        MultiValues.globs("--exclude-db", exclude),
                        DatabaseOrder.SIZE_DESC),
                verify == null ? VerifyLevel.COUNT : VerifyLevel.parse("--verify", verify),
                optional(maxParallel),
                optional(verifyConcurrency),
                LockWait.parse(lockWaitTimeout));
        return runner.verify(config, configFile.verbose).status();
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
