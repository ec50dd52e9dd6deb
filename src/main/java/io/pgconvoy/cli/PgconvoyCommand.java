package io.pgconvoy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pgconvoy} itself: only its subcommands do something. */
@Command(
        name = "pgconvoy",
        description = "Moves a whole PostgreSQL server to another one, usually of a newer major version.",
        usageHelpAutoWidth = true,
        versionProvider = VersionProvider.class,
        footer = {
            "",
            "Exit codes: 0 done; 1 bug; 2 usage; 3 failed databases or differences;",
            "10 source; 11 target; 12 journal; 13 preflight refused; 130 interrupted."
        })
final class PgconvoyCommand implements Runnable {
    @Mixin
    HelpOptions helpOptions;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing");
    }
}
