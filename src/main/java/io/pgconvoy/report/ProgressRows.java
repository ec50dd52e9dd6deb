package io.pgconvoy.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Lays out what stands at the bottom of the terminal: one row for each running database and one for the whole. */
final class ProgressRows {
    private static final String GAP = "  ";
    private static final int LEAST_NAME_WIDTH = 12;

    private ProgressRows() {}

    /** The rows, each narrower than the screen, and fewer than it has; none before there is anything to show. */
    static List<String> of(ProgressState state, Instant now, ScreenSize size) {
        List<ProgressState.Step> steps = state.steps();
        List<String> rows = new ArrayList<>();
        // One line stays free above, where the last message can be read, and one is for the totals.
        int room = Math.max(0, size.rows() - 2);
        boolean allFit = steps.size() <= room;
        List<ProgressState.Step> fitting = steps.subList(0, allFit ? steps.size() : Math.max(0, room - 1));
        rows.addAll(databases(fitting, now, size.columns()));
        if (!allFit && room > 0) {
            rows.add("... and " + (steps.size() - fitting.size()) + " more");
        }
        state.totals().ifPresent(totals -> rows.add(EventText.totals(totals, now)));
        // A character in the last column makes some terminals wrap and others not.
        return rows.stream()
                .map(row -> TextWidth.cut(row, size.columns() - 1).stripTrailing())
                .toList();
    }

    private static List<String> databases(List<ProgressState.Step> steps, Instant now, int columns) {
        int name = steps.stream()
                .mapToInt(step -> TextWidth.of(EventText.name(step.database())))
                .max()
                .orElse(0);
        int nameWidth = Math.min(name, Math.max(LEAST_NAME_WIDTH, columns / 3));
        int phaseWidth = steps.stream()
                .mapToInt(step -> step.phase().label().length())
                .max()
                .orElse(0);
        return steps.stream()
                .map(step -> TextWidth.padRight(TextWidth.cut(EventText.name(step.database()), nameWidth), nameWidth)
                        + GAP
                        + TextWidth.padRight(step.phase().label(), phaseWidth)
                        + GAP
                        + TextWidth.padLeft(Durations.running(step.elapsed(now)), 6)
                        + GAP
                        + step.progress().map(EventText::amount).orElse(""))
                .toList();
    }
}
