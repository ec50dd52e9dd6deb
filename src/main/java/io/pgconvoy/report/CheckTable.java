package io.pgconvoy.report;

import io.pgconvoy.report.CheckSummary.Item;
import io.pgconvoy.report.CheckSummary.Severity;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

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
        int checks = summary.items().stream()
                .mapToInt(item -> TextWidth.of(item.check()))
                .max()
                .orElse(0);
        String margin = " ".repeat(SEVERITY + 2 + checks + 2);
        List<Item> items = summary.items();
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            lines.add(TextWidth.padRight(severity(item.severity()), SEVERITY) + "  "
                    + TextWidth.padRight(item.check(), checks) + "  "
                    + item.server()
                            // Many a sentence names the server as it goes.
                            .filter(server -> !item.sentence().contains(server))
                            .map(server -> server + ": ")
                            .orElse("")
                    + Printable.of(item.sentence()));
            item.sql().ifPresent(sql -> lines.add(margin + "SQL: " + shortened(Printable.of(sql))));
            boolean saidBelow = i + 1 < items.size() && isAlike(item, items.get(i + 1));
            if (!item.advice().isEmpty() && !saidBelow) {
                lines.add(margin + Printable.of(item.advice()));
            }
        }
        if (!summary.items().isEmpty()) {
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
    private static boolean isAlike(Item one, Item next) {
        return one.check().equals(next.check())
                && one.severity() == next.severity()
                && one.advice().equals(next.advice());
    }

    /** The JSON has all of it. */
    private static String shortened(String sql) {
        return sql.length() <= MOST_SQL ? sql : sql.substring(0, MOST_SQL) + " ...";
    }

    static String severity(Severity severity) {
        return switch (severity) {
            case BLOCKER -> "blocker";
            case WARNING -> "warning";
            case NOTE -> "note";
        };
    }

    private static String counted(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
