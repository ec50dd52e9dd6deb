package io.pgconvoy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgconvoy check}: looks for everything that could stand in the way of {@code pgconvoy migrate}. */
@Command(
        name = "check",
        description =
                "Says what could stand in the way of 'migrate' with the same options; leaves everything as it was.",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class)
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private MigrationOptions options;

    @Mixin
    private ConfigFileOption configFile;

    private final Runner runner;

    CheckCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        return runner.check(options.config(runner.home()), configFile.verbose).status();
    }
}
