package io.pgconvoy.cli;

import io.pgconvoy.config.Home;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.report.Printable;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The program. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Cancellation cancellation = new Cancellation();
        Interruption interruption = Interruption.install(cancellation);
        Signals.install();
        ExitCode code = ExitCode.BUG;
        try {
            code = run(List.of(arguments), System.getenv(), System.out, System.err, cancellation);
        } catch (RuntimeException | Error bug) {
            FailureText.print(bug, System.err);
        } finally {
            // Else the shutdown hook would wait for this thread for ever, also where not even the words can be said, as
            // somebody has replaced the jar meanwhile.
            System.out.flush();
            interruption.exit(code);
        }
    }

    /** Runs one command line to its exit code; nothing in here ends the process. */
    static ExitCode run(
            List<String> arguments,
            Map<String, String> environment,
            PrintStream out,
            PrintStream err,
            Cancellation cancellation) {
        Home home = Home.of(environment);
        ResultJson json;
        try {
            json = ResultJson.open(arguments, environment, home, out);
        } catch (PgconvoyException unwritable) {
            return report(unwritable, ResultJson.none(), err);
        }
        try {
            return run(arguments, new Shell(environment, home), environment, json, out, err, cancellation);
        } catch (Error error) {
            return report(error, json, err);
        }
    }

    private static ExitCode run(
            List<String> arguments,
            Shell shell,
            Map<String, String> environment,
            ResultJson json,
            PrintStream out,
            PrintStream err,
            Cancellation cancellation) {
        Runner runner = new Runner(CommandText.of(arguments), shell, json, out, err, cancellation);
        CommandLine commandLine = new CommandLine(new PgconvoyCommand())
                .addSubcommand(new MigrateCommand(runner))
                .addSubcommand(new CheckCommand(runner))
                .addSubcommand(new VerifyCommand(runner))
                .addSubcommand(new RevertTuningCommand(runner))
                .addSubcommand(new CloseDatabasesCommand(runner))
                .registerConverter(Path.class, text -> path(shell.home(), text))
                .setExpandAtFiles(false)
                // A value from the environment or a file means itself, also where it holds a ${...} or two dollars.
                .setInterpolateVariables(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler(
                        (failure, command, result) -> report(failure, json, err).status())
                .setParameterExceptionHandler((mistake, ignored) -> report(
                                PgconvoyException.usage(
                                        ParameterErrors.sentence(mistake),
                                        ParameterErrors.suggestion(mistake) + "see "
                                                + mistake.getCommandLine()
                                                        .getCommandSpec()
                                                        .qualifiedName()
                                                + " --help"),
                                json,
                                err)
                        .status());
        try {
            commandLine.setDefaultValueProvider(
                    OptionDefaults.of(arguments, environment, commandLine.getCommandSpec()));
        } catch (PgconvoyException mistake) {
            return report(mistake, json, err);
        }
        if (arguments.stream().noneMatch(ResultJson.NO_RUN::contains)) {
            shell.unheard(OptionDefaults.optionNames(commandLine.getCommandSpec()))
                    .forEach(warning -> err.println("warning: " + Printable.of(warning)));
        }
        return ExitCode.ofStatus(commandLine.execute(arguments.toArray(String[]::new)));
    }

    private static Path path(Home home, String text) {
        try {
            return home.resolve(text);
        } catch (PgconvoyException homeless) {
            throw new TypeConversionException(homeless.getMessage());
        }
    }

    /** Says it on stderr and in the JSON, unless there is a result in there. */
    private static ExitCode report(Throwable failure, ResultJson json, PrintStream err) {
        FailureText.print(failure, err);
        ExitCode code = failure instanceof PgconvoyException known ? ExitCode.of(known.kind()) : ExitCode.BUG;
        try {
            json.writeNoResult(
                    code,
                    failure instanceof PgconvoyException known
                            ? known.parts().stream().map(Failure::of).toList()
                            : List.of(Failure.ofBug(failure)));
        } catch (PgconvoyException unwritable) {
            FailureText.print(unwritable, err);
        }
        return code;
    }
}
