package io.pgconvoy.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgconvoy revert-tuning}: sets the target's settings back that a killed run left changed. */
@Command(
        name = "revert-tuning",
        description = "Sets the target's settings back that a killed run left changed. Nothing to do is no error.",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class)
final class RevertTuningCommand implements Callable<Integer> {
    @Mixin
    private TargetOptions target;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "Folder for the journal. Default: ~/.pgconvoy")
    private Path stateDir;

    @Mixin
    private ConfigFileOption configFile;

    private final Runner runner;

    RevertTuningCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        return runner.revertTuning(target.endpoint(), StateDir.existing(stateDir, runner.home()), configFile.verbose)
                .status();
    }
}
