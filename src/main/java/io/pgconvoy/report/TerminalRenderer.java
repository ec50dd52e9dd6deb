package io.pgconvoy.report;

import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A row for each running database and one for the whole, redrawn in place at the bottom of the terminal; messages scroll
 * away above.
 *
 * <p>The cursor always rests behind the last character of the last row. It is never hidden, and no mode of the terminal
 * is changed, so that even after kill -9 there is nothing to restore.
 */
final class TerminalRenderer implements Renderer, EventHandler {
    private static final String CLEAR_LINE_END = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final String RESET = "\u001b[0m";

    private final PrintStream out;
    private final Supplier<ScreenSize> size;
    private final boolean colour;
    private final Clock clock;
    private final ProgressState state;
    /** Whole lines that are yet to be printed above the rows. */
    private final List<String> pending = new ArrayList<>();
    /** The widths of the rows on the screen. */
    private List<Integer> shown = List.of();

    /** @param size asked before each drawing */
    TerminalRenderer(PrintStream out, Supplier<ScreenSize> size, boolean colour, Clock clock) {
        this.out = out;
        this.size = size;
        this.colour = colour;
        this.clock = clock;
        this.state = new ProgressState(clock);
    }

    @Override
    public void show(Event event) {
        state.accept(event);
        accept(event);
    }

    @Override
    public void tick() {
        ScreenSize now = size.get();
        draw(ProgressRows.of(state, clock.instant(), now), now);
    }

    @Override
    public void close() {
        draw(List.of(), size.get());
    }

    @Override
    public void message(Event.Message message) {
        EventText.message(message).forEach(line -> pending.add(coloured(message.level(), line)));
    }

    @Override
    public void migrationStarted(Event.MigrationStarted started) {
        pending.add(EventText.migrationStarted(started));
    }

    @Override
    public void databaseFinished(Event.DatabaseFinished finished) {
        pending.add(coloured(EventText.level(finished.outcome()), EventText.databaseFinished(finished, "")));
    }

    @Override
    public void statusAsked() {
        pending.addAll(EventText.status(state, clock.instant()));
    }

    private void draw(List<String> rows, ScreenSize screen) {
        if (rows.isEmpty() && shown.isEmpty() && pending.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder("\r");
        int up = linesTaken(screen) - 1;
        if (up > 0) {
            text.append("\u001b[").append(up).append('A');
        }
        if (!pending.isEmpty()) {
            text.append(CLEAR_BELOW);
            // Not cut: a long message wraps, and can be read and copied whole.
            pending.forEach(line -> text.append(line).append("\r\n"));
            pending.clear();
        }
        for (int row = 0; row < rows.size(); row++) {
            text.append(row > 0 ? "\r\n" : "").append(rows.get(row)).append(CLEAR_LINE_END);
        }
        // After the rows and not before them, so that the screen does not flicker.
        text.append(CLEAR_BELOW);
        out.print(text);
        out.flush();
        shown = rows.stream().map(TextWidth::of).toList();
    }

    /** A window that became narrower has wrapped the rows, so that they now take more lines than were drawn. */
    private int linesTaken(ScreenSize screen) {
        return shown.stream()
                .mapToInt(width -> Math.max(1, (width + screen.columns() - 1) / screen.columns()))
                .sum();
    }

    private String coloured(Event.Level level, String text) {
        if (!colour) {
            return text;
        }
        return switch (level) {
            case INFO -> text;
            case WARNING -> "\u001b[33m" + text + RESET;
            case ERROR -> "\u001b[31m" + text + RESET;
        };
    }
}
