package io.pgconvoy.cli;

import picocli.CommandLine.Option;

/** Where the result goes as JSON; {@link ResultJson} finds the value by itself, also where the parser does not get there. */
final class SummaryJsonOption {
    static final String NAME = "--summary-json";

    @Option(
            names = NAME,
            paramLabel = "FILE",
            description = "Write the result as JSON, whatever it is; with - to stdout, and the table to stderr.")
    String file;
}
