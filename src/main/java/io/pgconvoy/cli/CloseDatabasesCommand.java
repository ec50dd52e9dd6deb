package io.pgconvoy.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgconvoy close-databases}: closes the source's databases that a killed run has opened and left open. */
@Command(
        name = "close-databases",
        description = "Closes the source's databases again that a killed run with --open-closed-databases left open."
                + " Nothing to do is no error.",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class)
final class CloseDatabasesCommand implements Callable<Integer> {
    @Mixin
    private SourceOptions source;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "Folder for the journal. Default: ~/.pgconvoy")
    private Path stateDir;

    @Mixin
    private ConfigFileOption configFile;

    private final Runner runner;

    CloseDatabasesCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() {
        return runner.closeDatabases(source.endpoint(), StateDir.existing(stateDir, runner.home()), configFile.verbose)
                .status();
    }
}
