package io.pgconvoy.report;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import io.pgconvoy.model.Span;
import io.pgconvoy.report.Summary.DatabaseSummary;
import io.pgconvoy.report.Summary.ServerSummary;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A summary for people: a table of the databases, then what is to be said about them and about the run. */
public final class SummaryTable {
    private static final String NOTHING = "-";
    /** A server with thousands of roles must not push the table off the screen; the JSON has them all. */
    private static final int MOST_GLOBALS = 20;
    /** Nor one whose user may not set the owners of thousands of objects. */
    private static final int MOST_WARNINGS = 20;

    private SummaryTable() {}

    /** Prints to stdout, say; names and messages are made safe to print. */
    public static void print(Summary summary, PrintStream out) {
        lines(summary).forEach(out::println);
        out.flush();
    }

    static List<String> lines(Summary summary) {
        List<String> lines = new ArrayList<>();
        lines.add(server(summary.source()) + " -> " + server(summary.target()));
        lines.add("");
        if (!summary.databases().isEmpty()) {
            lines.addAll(table(summary.databases()));
            lines.add("");
        }
        deferred(lines, summary.databases());
        details(lines, "failed:", summary.databases(), Event.Outcome.FAILED);
        details(lines, "not the same on both sides:", summary.databases(), Event.Outcome.DIFFERS);
        details(lines, "to look at:", summary.databases(), Event.Outcome.WARNINGS);
        list(lines, "globals", summary.globals(), MOST_GLOBALS);
        list(lines, "warnings", summary.warnings(), MOST_WARNINGS);
        if (!summary.errors().isEmpty()) {
            lines.add("errors (" + summary.errors().size() + "):");
            summary.errors().forEach(error -> failure(lines, "", error));
            lines.add("");
        }
        lines.add(outcomes(summary.databases()));
        lines.add("elapsed " + Durations.text(summary.elapsed()) + "; gained by overlapping dumps and restores "
                + Durations.text(summary.overlap()));
        summary.end()
                .map(end -> end.kind() == ErrorKind.INTERRUPTED ? interrupted(summary, end) : Printable.of(end.hint()))
                .filter(last -> !last.isEmpty())
                .ifPresent(lines::add);
        return lines;
    }

    /** Said once, at the very end, where it is read. */
    private static String interrupted(Summary summary, PgconvoyException end) {
        long underWay = count(summary, Event.Outcome.INTERRUPTED);
        long toDo = count(summary, Event.Outcome.NOT_REACHED);
        long complete = count(summary, Event.Outcome.COMPLETE)
                + count(summary, Event.Outcome.WARNINGS)
                + count(summary, Event.Outcome.EARLIER);
        return "Interrupted. " + complete + " complete, " + underWay + " under way, " + toDo + " to do. "
                + Printable.of(end.hint());
    }

    private static long count(Summary summary, Event.Outcome outcome) {
        return summary.databases().stream()
                .filter(database -> database.outcome() == outcome)
                .count();
    }

    private static List<String> table(List<DatabaseSummary> databases) {
        TextTable table = new TextTable(List.of(
                "database", "size", "tables", "rows", "dump", "restore", "verify", "waited", "total", "result"));
        for (DatabaseSummary database : databases) {
            table.row(List.of(
                    Printable.of(database.name().value()),
                    database.size().toString(),
                    database.tables().map(SummaryTable::number).orElse(NOTHING),
                    database.rows().map(SummaryTable::number).orElse(NOTHING),
                    time(database.dump()),
                    time(database.restore()),
                    time(database.verify()),
                    database.waited().isZero() ? NOTHING : Durations.text(database.waited()),
                    database.total().isZero() ? NOTHING : Durations.text(database.total()),
                    result(database)));
        }
        table.rule();
        SummaryTotals totals = SummaryTotals.of(databases);
        table.row(List.of(
                databases.size() == 1 ? "1 database" : databases.size() + " databases",
                totals.size().toString(),
                number(totals.tables()),
                number(totals.rows()),
                Durations.text(totals.dump()),
                Durations.text(totals.restore()),
                Durations.text(totals.verify()),
                "",
                "",
                ""));
        return table.lines();
    }

    private static void deferred(List<String> lines, List<DatabaseSummary> databases) {
        List<String> texts = new ArrayList<>();
        for (DatabaseSummary database : databases) {
            database.deferred()
                    .ifPresent(deferred -> texts.add("  "
                            + Printable.of(database.name().value()) + ": "
                            + (deferred.tables() == 1 ? "1 table" : deferred.tables() + " tables")
                            + deferred.openedAt()
                                    .map(at -> ", open for clients since " + at.truncatedTo(ChronoUnit.SECONDS))
                                    .orElse("")
                            + "; dump " + time(deferred.dump()) + ", load " + time(deferred.load()) + ", indexes "
                            + time(deferred.indexes()) + ", verify " + time(deferred.verify())));
        }
        if (!texts.isEmpty()) {
            lines.add("deferred tables:");
            lines.addAll(texts);
            lines.add("");
        }
    }

    private static void details(
            List<String> lines, String title, List<DatabaseSummary> databases, Event.Outcome outcome) {
        // What is the same for several databases is said once.
        Map<String, List<DatabaseSummary>> alike = databases.stream()
                .filter(database -> database.outcome() == outcome)
                .collect(Collectors.groupingBy(DatabaseSummary::detail, LinkedHashMap::new, Collectors.toList()));
        if (alike.isEmpty()) {
            return;
        }
        lines.add(title);
        alike.forEach((detail, some) -> {
            String names = some.stream()
                    .map(database -> Printable.of(database.name().value()))
                    .collect(Collectors.joining(", "));
            if (some.get(0).failures().isEmpty()) {
                lines.add("  " + names + (detail.isEmpty() ? "" : ": " + Printable.of(detail)));
            }
            some.get(0).failures().forEach(failure -> failure(lines, names + ": ", failure));
        });
        lines.add("");
    }

    /** What to do about it stands below it. */
    static void failure(List<String> lines, String where, Failure failure) {
        lines.add("  " + where + Printable.of(failure.message()));
        if (!failure.hint().isEmpty()) {
            lines.add("      " + EventText.hint(failure.hint()));
        }
    }

    static void list(List<String> lines, String title, List<String> texts, int most) {
        if (texts.isEmpty()) {
            return;
        }
        lines.add(title + " (" + texts.size() + "):");
        texts.stream().limit(most).map(text -> "  " + Printable.of(text)).forEach(lines::add);
        if (texts.size() > most) {
            lines.add("  ... and " + (texts.size() - most) + " more (--summary-json has them all)");
        }
        lines.add("");
    }

    /** As {@code 10 complete, 1 failed}; in the order of the outcomes. */
    private static String outcomes(List<DatabaseSummary> databases) {
        List<String> counts = new ArrayList<>();
        for (Event.Outcome outcome : Event.Outcome.values()) {
            long count = databases.stream()
                    .filter(database -> database.outcome() == outcome)
                    .count();
            if (count > 0) {
                counts.add(count + " " + result(outcome));
            }
        }
        return counts.isEmpty() ? "no databases" : String.join(", ", counts);
    }

    private static String result(DatabaseSummary database) {
        boolean began = database.outcome() == Event.Outcome.INTERRUPTED
                && !database.detail().isEmpty();
        return result(database.outcome()) + (began ? " (" + database.detail() + ")" : "");
    }

    private static String result(Event.Outcome outcome) {
        return switch (outcome) {
            case COMPLETE -> "complete";
            case WARNINGS -> "with warnings";
            case DIFFERS -> "differs";
            case FAILED -> "failed";
            case EARLIER -> "complete earlier";
            case INTERRUPTED -> "interrupted";
            case NOT_REACHED -> "not reached";
        };
    }

    static String server(ServerSummary server) {
        return Printable.of(server.host()) + ":" + server.port() + " (PostgreSQL " + Printable.of(server.version())
                + ")";
    }

    private static String time(Optional<Span> phase) {
        return phase.map(time -> Durations.text(time.elapsed())).orElse(NOTHING);
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
