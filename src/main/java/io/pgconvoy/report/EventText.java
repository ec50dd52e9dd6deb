package io.pgconvoy.report;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The words for what happens, each on one line and safe to print. */
final class EventText {
    private EventText() {}

    static String name(DatabaseName database) {
        return Printable.of(database.value());
    }

    /** One line, and one more with what to do about it where that is known. */
    static List<String> message(Event.Message message) {
        String line = prefix(message.level()) + Printable.of(message.text());
        return message.hint().isEmpty() ? List.of(line) : List.of(line, hint(message.hint()));
    }

    static String hint(String text) {
        return "hint: " + Printable.of(text);
    }

    static String migrationStarted(Event.MigrationStarted started) {
        int count = started.databases().size();
        return count + (count == 1 ? " database, " : " databases, ") + started.total();
    }

    static String phaseStarted(DatabaseName database, Phase phase) {
        return name(database) + ": " + phase.label();
    }

    static String phaseFinished(Event.PhaseFinished finished) {
        return phaseStarted(finished.database(), finished.phase()) + " took " + Durations.text(finished.elapsed());
    }

    /** @param count what stands before the detail, such as {@code " (3/12 databases)"}; may be empty */
    static String databaseFinished(Event.DatabaseFinished finished, String count) {
        String ending = switch (finished.outcome()) {
            case COMPLETE -> ": complete, " + finished.size() + " in " + Durations.text(finished.elapsed());
            case WARNINGS ->
                ": complete with warnings, " + finished.size() + " in " + Durations.text(finished.elapsed());
            case DIFFERS ->
                ": differs from the source, " + finished.size() + " in " + Durations.text(finished.elapsed());
            case FAILED -> ": failed after " + Durations.text(finished.elapsed());
            case EARLIER -> ": complete since an earlier run";
            case INTERRUPTED -> ": interrupted after " + Durations.text(finished.elapsed());
            case NOT_REACHED -> ": not reached";
        };
        String detail = finished.detail().isEmpty() ? "" : ": " + Printable.of(finished.detail());
        return prefix(level(finished.outcome())) + name(finished.database()) + ending + count + detail;
    }

    static Event.Level level(Event.Outcome outcome) {
        return switch (outcome) {
            case COMPLETE, EARLIER, INTERRUPTED, NOT_REACHED -> Event.Level.INFO;
            case WARNINGS -> Event.Level.WARNING;
            case DIFFERS, FAILED -> Event.Level.ERROR;
        };
    }

    /** What is done, as {@code 1.2 GB}, {@code 12 tables} or {@code 12 of 40 tables}. */
    static String amount(Event.PhaseProgress progress) {
        boolean bytes = progress.unit().equals("bytes");
        String total = progress.total()
                .map(known -> " of " + (bytes ? size(known) : known.toString()))
                .orElse("");
        long counted = progress.total().orElse(progress.done());
        return bytes
                ? size(progress.done()) + total
                : progress.done() + total + " " + Printable.of(unit(progress.unit(), counted));
    }

    /** The plural as it is, or made a singular. */
    private static String unit(String plural, long number) {
        return number != 1 ? plural : plural.replaceFirst("(?<=[xs])es$|s$", "");
    }

    /** As {@code shop: restore, 12 of 40 tables, 1m20s}. */
    static String step(ProgressState.Step step, Instant now) {
        return phaseStarted(step.database(), step.phase())
                + step.progress().map(known -> ", " + amount(known)).orElse("")
                + ", " + Durations.running(step.elapsed(now));
    }

    /** Where the run stands: one line for the whole, one for each database that is under way. */
    static List<String> status(ProgressState state, Instant now) {
        if (state.totals().isEmpty()) {
            return List.of("status: at work for " + Durations.running(state.elapsed(now))
                    + "; no database is being moved at the moment");
        }
        ProgressState.Totals totals = state.totals().get();
        List<ProgressState.Step> steps = state.steps();
        List<String> lines = new ArrayList<>();
        lines.add("status: " + totals(totals, now) + "; " + steps.size() + " under way, "
                + Math.max(0, totals.databases() - totals.finished() - steps.size()) + " to do");
        steps.forEach(step -> lines.add("status: " + step(step, now)));
        return lines;
    }

    /** As {@code 3/12 databases, 1.2 GB of 4.5 GB, 4m10s}. */
    static String totals(ProgressState.Totals totals, Instant now) {
        List<String> parts = new ArrayList<>();
        parts.add(totals.finished() + "/" + totals.databases() + " databases");
        if (totals.failed() > 0) {
            parts.add(totals.failed() + " failed");
        }
        parts.add(totals.moved() + " of " + totals.size());
        parts.add(Durations.running(Duration.between(totals.since(), now)));
        return String.join(", ", parts);
    }

    private static String size(long bytes) {
        return new ByteSize(Math.max(0, bytes)).toString();
    }

    private static String prefix(Event.Level level) {
        return switch (level) {
            case INFO -> "";
            case WARNING -> "warning: ";
            case ERROR -> "error: ";
        };
    }
}
