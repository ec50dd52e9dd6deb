package io.pgconvoy.cli;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.VerifyConfig;
import io.pgconvoy.migration.Checker;
import io.pgconvoy.migration.Migration;
import io.pgconvoy.migration.OpeningDebts;
import io.pgconvoy.migration.Preview;
import io.pgconvoy.migration.Previewer;
import io.pgconvoy.migration.Report;
import io.pgconvoy.migration.TuningDebts;
import io.pgconvoy.migration.Verifier;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.report.CheckJson;
import io.pgconvoy.report.CheckSummary;
import io.pgconvoy.report.CheckTable;
import io.pgconvoy.report.JsonFile;
import io.pgconvoy.report.Logging;
import io.pgconvoy.report.Screen;
import io.pgconvoy.report.Summary;
import io.pgconvoy.report.SummaryJson;
import io.pgconvoy.report.SummaryTable;
import io.pgconvoy.report.VerifyJson;
import io.pgconvoy.report.VerifySummary;
import io.pgconvoy.report.VerifyTable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Runs what a command built: screen, signals, summary, exit code. */
final class Runner {
    private final PrintStream out;
    private final Cancellation cancellation;

    Runner(PrintStream out, Cancellation cancellation) {
        this.out = out;
        this.cancellation = cancellation;
    }

    ExitCode migrate(MigrationConfig given, boolean verbose) {
        Logging.configure(verbose);
        MigrationConfig config =
                given.withEndpoints(PasswordPrompt.complete(given.source()), PasswordPrompt.complete(given.target()));
        config.summaryJson().ifPresent(JsonFile::check);
        if (config.dryRun()) {
            return preview(config);
        }
        Report report;
        try (Screen screen = Screen.open(false)) {
            report = new Migration(config, screen, cancellation).run();
        }
        ExitCode code =
                report.end().map(ExitCode::of).orElse(report.anyFailed() ? ExitCode.FAILED_DATABASES : ExitCode.DONE);
        Summary summary = report.summary().finished(VersionProvider.version(), code.status());
        SummaryTable.print(summary, out);
        config.summaryJson().ifPresent(file -> SummaryJson.write(summary, file));
        return code;
    }

    ExitCode check(MigrationConfig given, Optional<Boolean> rehearse, boolean verbose) {
        Logging.configure(verbose);
        MigrationConfig config =
                given.withEndpoints(PasswordPrompt.complete(given.source()), PasswordPrompt.complete(given.target()));
        config.summaryJson().ifPresent(JsonFile::check);
        CheckSummary summary;
        try (Screen screen = Screen.open(true)) {
            summary = new Checker(config, screen, cancellation).check(rehearse);
        }
        ExitCode code = summary.blocks() ? ExitCode.PREFLIGHT : ExitCode.DONE;
        CheckTable.print(summary, out);
        config.summaryJson()
                .ifPresent(file -> CheckJson.write(summary, VersionProvider.version(), code.status(), file));
        return code;
    }

    ExitCode verify(VerifyConfig given, boolean verbose) {
        Logging.configure(verbose);
        VerifyConfig config =
                given.withEndpoints(PasswordPrompt.complete(given.source()), PasswordPrompt.complete(given.target()));
        config.summaryJson().ifPresent(JsonFile::check);
        VerifySummary summary;
        try (Screen screen = Screen.open(true)) {
            summary = new Verifier(config, screen, cancellation).verify();
        }
        ExitCode code = summary.same() ? ExitCode.DONE : ExitCode.FAILED_DATABASES;
        VerifyTable.print(summary, out);
        config.summaryJson()
                .ifPresent(file -> VerifyJson.write(summary, VersionProvider.version(), code.status(), file));
        return code;
    }

    ExitCode revertTuning(Endpoint given, Path stateDir, boolean verbose) {
        Logging.configure(verbose);
        List<String> lines = new TuningDebts(stateDir).pay(PasswordPrompt.complete(given));
        lines.forEach(out::println);
        return ExitCode.DONE;
    }

    ExitCode closeDatabases(Endpoint given, Path stateDir, boolean verbose) {
        Logging.configure(verbose);
        List<String> lines = new OpeningDebts(stateDir).pay(PasswordPrompt.complete(given));
        lines.forEach(out::println);
        return ExitCode.DONE;
    }

    private ExitCode preview(MigrationConfig config) {
        Preview preview;
        try (Screen screen = Screen.open(true)) {
            preview = new Previewer(config, screen, cancellation).preview();
        }
        PreviewText.print(preview, out);
        return ExitCode.DONE;
    }
}
