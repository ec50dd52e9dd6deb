package io.pgconvoy.cli;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.report.Printable;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** The program. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Cancellation cancellation = new Cancellation();
        Interruption interruption = Interruption.install(cancellation);
        ExitCode code;
        try {
            code = run(List.of(arguments), System.getenv(), System.out, System.err, cancellation);
        } catch (Error error) {
            // Thrown on, it would end this thread, and the shutdown hook would wait for ever for what it was to say.
            code = report(error, System.err);
        }
        System.out.flush();
        interruption.exit(code);
    }

    /** Runs one command line to its exit code; nothing in here ends the process. */
    static ExitCode run(
            List<String> arguments,
            Map<String, String> environment,
            PrintStream out,
            PrintStream err,
            Cancellation cancellation) {
        Runner runner = new Runner(out, cancellation);
        CommandLine commandLine = new CommandLine(new PgconvoyCommand())
                .addSubcommand(new MigrateCommand(runner))
                .addSubcommand(new CheckCommand(runner))
                .addSubcommand(new VerifyCommand(runner))
                .addSubcommand(new RevertTuningCommand(runner))
                .addSubcommand(new CloseDatabasesCommand(runner))
                .setExpandAtFiles(false)
                // A value from the environment or a file means itself, also where it holds a ${...} or two dollars.
                .setInterpolateVariables(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler(
                        (failure, command, result) -> report(failure, err).status())
                .setParameterExceptionHandler((mistake, ignored) -> {
                    err.println("pgconvoy: " + Printable.of(Mistake.sentence(mistake)));
                    err.println("hint: " + Mistake.suggestion(mistake) + "see "
                            + mistake.getCommandLine().getCommandSpec().qualifiedName() + " --help");
                    return ExitCode.USAGE.status();
                });
        try {
            commandLine.setDefaultValueProvider(
                    OptionDefaults.of(arguments, environment, commandLine.getCommandSpec()));
        } catch (PgconvoyException mistake) {
            return report(mistake, err);
        }
        return ExitCode.ofStatus(commandLine.execute(arguments.toArray(String[]::new)));
    }

    /** A user's trouble is one sentence and a hint; a bug is a stack trace. */
    private static ExitCode report(Throwable failure, PrintStream err) {
        if (failure instanceof PgconvoyException known) {
            err.println("pgconvoy: " + Printable.of(known.getMessage()));
            if (!known.hint().isEmpty()) {
                err.println("hint: " + Printable.of(known.hint()));
            }
            return ExitCode.of(known.kind());
        }
        err.println("pgconvoy: a bug in pgconvoy; please report it with what follows");
        failure.printStackTrace(err);
        return ExitCode.BUG;
    }
}
