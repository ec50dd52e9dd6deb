package io.pgconvoy.report;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code pgconvoy check} found, for people: a table of the findings, the worst first, each with what to do. */
public final class CheckTable {
    private static final int SEVERITY = 7;
    private static final int MOST_SQL = 200;

    private CheckTable() {}

    /** Prints to stdout, say; names and messages are made safe to print. */
    public static void print(CheckSummary summary, PrintStream out) {
        lines(summary).forEach(out::println);
        out.flush();
    }

    static List<String> lines(CheckSummary summary) {
        List<String> lines = new ArrayList<>();
        lines.add(SummaryTable.server(summary.source()) + " -> " + SummaryTable.server(summary.target()));
        lines.add("");
        int checks = summary.findings().stream()
                .mapToInt(finding -> TextWidth.of(finding.check()))
                .max()
                .orElse(0);
        String margin = " ".repeat(SEVERITY + 2 + checks + 2);
        List<Finding> findings = summary.findings();
        for (int i = 0; i < findings.size(); i++) {
            Finding finding = findings.get(i);
            lines.add(TextWidth.padRight(severity(finding.severity()), SEVERITY) + "  "
                    + TextWidth.padRight(finding.check(), checks) + "  "
                    + finding.side()
                            .map(Side::label)
                            // Many a sentence names the server as it goes.
                            .filter(server -> !finding.sentence().contains(server))
                            .map(server -> server + ": ")
                            .orElse("")
                    + Printable.of(finding.sentence()));
            finding.sql().ifPresent(sql -> lines.add(margin + "SQL: " + shortened(Printable.of(sql))));
            boolean saidBelow = i + 1 < findings.size() && isAlike(finding, findings.get(i + 1));
            if (!finding.advice().isEmpty() && !saidBelow) {
                lines.add(margin + Printable.of(finding.advice()));
            }
        }
        if (!summary.findings().isEmpty()) {
            lines.add("");
        }
        lines.add(counted(summary.count(Severity.BLOCKER), "blocker") + ", "
                + counted(summary.count(Severity.WARNING), "warning") + ", "
                + counted(summary.count(Severity.NOTE), "note") + "; "
                + counted(summary.databases(), "database") + " looked into in "
                + Durations.text(summary.elapsed()));
        return lines;
    }

    /** Whether one advice under both findings will do. */
    private static boolean isAlike(Finding one, Finding next) {
        return one.check().equals(next.check())
                && one.severity() == next.severity()
                && one.advice().equals(next.advice());
    }

    /** The JSON has all of it. */
    private static String shortened(String sql) {
        return sql.length() <= MOST_SQL ? sql : sql.substring(0, MOST_SQL) + " ...";
    }

    private static String severity(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private static String counted(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
