package io.pgconvoy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgconvoy migrate}: builds the configuration and hands it over. */
@Command(
        name = "migrate",
        description = "Moves all databases and globals of the source to the target; run again, it goes on where it"
                + " stopped.",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class)
final class MigrateCommand implements Callable<Integer> {
    @Mixin
    private MigrationOptions options;

    @Mixin
    private ConfigFileOption configFile;

    private final Runner runner;

    MigrateCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        return runner.migrate(options.config(runner.home()), configFile.verbose).status();
    }
}
