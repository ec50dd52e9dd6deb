package io.pgconvoy.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that {@link OptionDefaults} reads ahead of all others. */
final class ConfigFileOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with options: from-host=... Precedence: command line, environment"
                    + " (PGCONVOY_FROM_HOST ...), this file, defaults.")
    Path file;

    @Option(names = "--verbose", description = "Log in detail.")
    boolean verbose;
}
