package io.pgconvoy.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    @Option(
            names = "--rehearse-schema",
            negatable = true,
            description = "Also restore every database's schema, and the first rows of tables whose rows are checked or"
                    + " computed with, into scratch databases on the target, and drop them again. Default: where it is"
                    + " small")
    private Boolean rehearseSchema;

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
        return runner.check(options.config(runner.home()), Optional.ofNullable(rehearseSchema), configFile.verbose)
                .status();
    }
}
