package io.pgconvoy.report;

import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Failure;
import io.pgconvoy.report.Summary.ServerSummary;
import io.pgconvoy.report.VerifySummary.DatabaseVerdict;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What {@code pgconvoy verify} found, for people: a table of the databases, then each difference and how to look at it. */
public final class VerifyTable {
    /** A whole missing schema must not push everything else off the screen; the JSON has all of it. */
    private static final int MOST = 50;

    private VerifyTable() {}

    /** Prints to stdout, say; names and messages are made safe to print. */
    public static void print(VerifySummary summary, PrintStream out) {
        lines(summary).forEach(out::println);
        out.flush();
    }

    static List<String> lines(VerifySummary summary) {
        List<String> lines = new ArrayList<>();
        lines.add(server(summary.source()) + " -> " + server(summary.target()) + ", verified by "
                + summary.level().label());
        lines.add("");
        if (!summary.databases().isEmpty()) {
            lines.addAll(table(summary.databases()));
            lines.add("");
        }
        for (DatabaseVerdict database : summary.databases()) {
            for (Failure failure : database.failures()) {
                lines.add("database \"" + Printable.of(database.name().value()) + "\" could not be compared: "
                        + Printable.of(failure.message()));
                if (!failure.hint().isEmpty()) {
                    lines.add("    " + EventText.hint(failure.hint()));
                }
            }
        }
        if (summary.failed() > 0) {
            lines.add("");
        }
        differences(lines, "roles, settings, tablespaces, databases' properties", summary.server());
        for (DatabaseVerdict database : summary.databases()) {
            differences(lines, "database \"" + Printable.of(database.name().value()) + "\"", database.differences());
        }
        SummaryTable.list(lines, "warnings", summary.warnings(), Integer.MAX_VALUE);
        lines.add(total(summary) + "; elapsed " + Durations.text(summary.elapsed()));
        return lines;
    }

    private static String total(VerifySummary summary) {
        long differences = summary.differences();
        long failed = summary.failed();
        return (differences == 0 ? "no differences" : differences == 1 ? "1 difference" : differences + " differences")
                + (failed == 0
                        ? ""
                        : failed == 1
                                ? "; 1 database could not be compared"
                                : "; " + failed + " databases could not be compared");
    }

    private static String server(ServerSummary server) {
        return SummaryTable.server(server);
    }

    private static List<String> table(List<DatabaseVerdict> databases) {
        TextTable table =
                new TextTable(List.of("database", "tables", "rows", "objects", "differences", "time", "result"));
        for (DatabaseVerdict database : databases) {
            boolean failed = database.failure().isPresent();
            table.row(List.of(
                    Printable.of(database.name().value()),
                    database.tables().map(SummaryTable::number).orElse("-"),
                    database.rows().map(SummaryTable::number).orElse("-"),
                    database.objects().map(SummaryTable::number).orElse("-"),
                    failed ? "-" : SummaryTable.number(database.differences().size()),
                    Durations.text(database.elapsed()),
                    failed ? "failed" : database.differences().isEmpty() ? "same" : "differs"));
        }
        return table.lines();
    }

    private static void differences(List<String> lines, String where, List<Difference> differences) {
        if (differences.isEmpty()) {
            return;
        }
        lines.add(where + " (" + differences.size() + "):");
        for (Difference difference : differences.subList(0, Math.min(MOST, differences.size()))) {
            lines.add("  " + Printable.of(difference.object() + " " + difference.what()));
            if (!difference.look().isEmpty()) {
                lines.add("      look: " + Printable.of(difference.look()));
            }
        }
        if (differences.size() > MOST) {
            lines.add("  ... and " + (differences.size() - MOST) + " more");
        }
        lines.add("");
    }
}
