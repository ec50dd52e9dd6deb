package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Home;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyConfig;
import io.pgconvoy.inspection.CheckService;
import io.pgconvoy.inspection.Preview;
import io.pgconvoy.inspection.Previewer;
import io.pgconvoy.inspection.Verifier;
import io.pgconvoy.migration.Migration;
import io.pgconvoy.migration.Report;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.report.CheckSummary;
import io.pgconvoy.report.CheckTable;
import io.pgconvoy.report.Event;
import io.pgconvoy.report.Logging;
import io.pgconvoy.report.Printable;
import io.pgconvoy.report.Screen;
import io.pgconvoy.report.Summary;
import io.pgconvoy.report.SummaryJson;
import io.pgconvoy.report.SummaryTable;
import io.pgconvoy.report.VerifySummary;
import io.pgconvoy.report.VerifyTable;
import io.pgconvoy.survey.EarlierDebts;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Runs what a command built: screen, signals, summary, exit code. */
final class Runner {
    private final String command;
    private final Shell shell;
    private final ResultJson json;
    private final PrintStream out;
    private final PrintStream err;
    private final Cancellation cancellation;

    /** @param command this very command, as it can be typed again */
    Runner(String command, Shell shell, ResultJson json, PrintStream out, PrintStream err, Cancellation cancellation) {
        this.command = command;
        this.shell = shell;
        this.json = json;
        // Where stdout is the JSON's, what people read goes to stderr.
        this.out = json.takesStdout() ? err : out;
        this.err = err;
        this.cancellation = cancellation;
    }

    Home home() {
        return shell.home();
    }

    ExitCode migrate(MigrationConfig given, boolean verbose) {
        Logging.configure(verbose);
        json.between(given.source(), given.target());
        MigrationConfig config = given.withEndpoints(complete(given.source()), complete(given.target()));
        if (config.dryRun()) {
            return preview(config);
        }
        Report report;
        try (Screen screen = Screen.open(false);
                var stopping = tellOfStop(screen)) {
            report = new Migration(config, screen, cancellation).run();
        }
        ExitCode code = report.summary()
                .end()
                .map(PgconvoyException::kind)
                .map(ExitCode::of)
                .orElse(report.anyFailed() ? ExitCode.FAILED_DATABASES : ExitCode.DONE);
        Summary summary = report.summary().continuedBy(command).finished(VersionProvider.version(), code.status());
        SummaryTable.print(summary, out);
        return withJson(code, () -> SummaryJson.of(summary));
    }

    ExitCode check(MigrationConfig given, boolean verbose) {
        Logging.configure(verbose);
        json.between(given.source(), given.target());
        MigrationConfig config = given.withEndpoints(complete(given.source()), complete(given.target()));
        CheckSummary summary;
        try (Screen screen = Screen.open(true);
                var stopping = tellOfStop(screen)) {
            summary = new CheckService(config, screen, cancellation).check();
        }
        ExitCode code = summary.blocks() ? ExitCode.PREFLIGHT : ExitCode.DONE;
        CheckTable.print(summary, out);
        return withJson(code, () -> SummaryJson.of(summary, VersionProvider.version(), code.status()));
    }

    ExitCode verify(VerifyConfig given, boolean verbose) {
        Logging.configure(verbose);
        json.between(given.source(), given.target());
        VerifyConfig config = given.withEndpoints(complete(given.source()), complete(given.target()));
        VerifySummary summary;
        try (Screen screen = Screen.open(true);
                var stopping = tellOfStop(screen)) {
            summary = new Verifier(config, screen, cancellation).verify();
        }
        ExitCode code = summary.same() ? ExitCode.DONE : ExitCode.FAILED_DATABASES;
        VerifyTable.print(summary, out);
        return withJson(code, () -> SummaryJson.of(summary, VersionProvider.version(), code.status()));
    }

    ExitCode revertTuning(Endpoint given, Path stateDir, boolean verbose) {
        Logging.configure(verbose);
        List<String> lines = untilStopped(() -> EarlierDebts.revertTuning(stateDir, complete(given), cancellation));
        lines.forEach(out::println);
        return ExitCode.DONE;
    }

    ExitCode closeDatabases(Endpoint given, Path stateDir, boolean verbose) {
        Logging.configure(verbose);
        List<String> lines = untilStopped(() -> EarlierDebts.closeDatabases(stateDir, complete(given), cancellation));
        lines.forEach(out::println);
        return ExitCode.DONE;
    }

    /** What is broken off is still owed, and done by the next one. */
    private List<String> untilStopped(Supplier<List<String>> debts) {
        try {
            return debts.get();
        } catch (PgconvoyException failure) {
            throw cancellation.cause(failure);
        }
    }

    /** The endpoint with what the shell adds, and with a password typed by the user where one is wanted. */
    private Endpoint complete(Endpoint given) {
        Endpoint endpoint = shell.complete(given);
        shell.news().forEach(warning -> err.println("warning: " + Printable.of(warning)));
        return PasswordPrompt.complete(endpoint, cancellation);
    }

    private ExitCode preview(MigrationConfig config) {
        Preview preview;
        try (Screen screen = Screen.open(true);
                var stopping = tellOfStop(screen)) {
            preview = new Previewer(config, screen, cancellation).preview();
        }
        PreviewText.print(preview, out);
        List<SummaryJson.Planned> databases = preview.databases().stream()
                .map(database -> new SummaryJson.Planned(
                        database.name(),
                        database.size(),
                        preview.complete().contains(database.name()) ? "earlier" : "planned"))
                .toList();
        return withJson(
                ExitCode.DONE,
                () -> SummaryJson.ofDryRun(json.head(ExitCode.DONE), databases, preview.globals(), preview.warnings()));
    }

    /** A result that could not be written is no success; a worse one keeps its own status. */
    private ExitCode withJson(ExitCode code, Supplier<Map<String, Object>> document) {
        try {
            json.write(document);
            return code;
        } catch (PgconvoyException unwritable) {
            if (code == ExitCode.DONE) {
                throw unwritable;
            }
            FailureText.print(unwritable, err);
            return code;
        }
    }

    /** Says at once, when the run is asked to stop, what that waits for. */
    private Cancellation.Registration tellOfStop(Screen screen) {
        return cancellation.onCancel(
                () -> screen.publish(new Event.Message(Event.Level.INFO, Interruption.stopping(cancellation))));
    }
}
