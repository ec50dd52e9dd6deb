package io.pgconvoy.cli;

import picocli.CommandLine.Option;

/** What every command has. picocli's own mixin needs its variables, which are not looked for in anything here. */
final class HelpOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print version information and exit.")
    boolean version;
}
