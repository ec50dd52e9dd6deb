package io.pgconvoy.cli;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command has at its end: the option that {@link OptionDefaults} reads ahead of all others, among them. */
final class ConfigFileOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with options: from-host=... Precedence: command line, environment"
                    + " (PGCONVOY_FROM_HOST ...), this file, defaults.")
    Path file;

    @Option(names = "--verbose", description = "Log in detail.")
    boolean verbose;

    @Mixin
    HelpOptions helpOptions;
}
