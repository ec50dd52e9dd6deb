package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Test;

/** Shows what a terminal would: the bytes go through JLine's emulation of one. */
class TerminalRendererTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BILLING = new DatabaseName("billing");

    private final ManualClock clock = new ManualClock();
    private final Output output = new Output();
    private ScreenSize size = new ScreenSize(60, 8);
    private ScreenTerminal terminal = new ScreenTerminal(60, 8);
    private TerminalRenderer renderer = new TerminalRenderer(output.stream(), () -> size, false, clock);

    @Test
    void showsARowForEachRunningDatabaseAndOneForAll() {
        renderer.show(new Event.MigrationStarted(List.of(SHOP, BILLING), ByteSize.ofMegabytes(30)));
        start(SHOP, Phase.RESTORE);
        start(BILLING, Phase.DUMP);
        renderer.show(new Event.PhaseProgress(SHOP, Phase.RESTORE, 12, Optional.of(40L), "tables"));
        renderer.show(new Event.PhaseProgress(BILLING, Phase.DUMP, 5 << 20, Optional.empty(), "bytes"));
        clock.advance(Duration.ofSeconds(185));
        assertThat(screen())
                .containsExactly(
                        "2 databases, 30 MB",
                        "shop     restore   3m05s  12 of 40 tables",
                        "billing  dump      3m05s  5.0 MB",
                        "0/2 databases, 0 B of 30 MB, 3m05s");
    }

    @Test
    void redrawsInPlaceAndLetsMessagesScrollAbove() {
        renderer.show(new Event.MigrationStarted(List.of(SHOP, BILLING), ByteSize.ofMegabytes(30)));
        start(SHOP, Phase.DUMP);
        start(BILLING, Phase.DUMP);
        screen();
        renderer.show(new Event.Message(Event.Level.WARNING, "x".repeat(70)));
        screen();
        clock.advance(Duration.ofSeconds(1));
        screen();
        renderer.show(new Event.DatabaseFinished(
                SHOP, ByteSize.ofMegabytes(20), Event.Outcome.COMPLETE, Duration.ofSeconds(4), ""));
        assertThat(screen())
                .containsExactly(
                        "2 databases, 30 MB",
                        "warning: " + "x".repeat(51),
                        "x".repeat(19),
                        "shop: complete, 20 MB in 4.0 s",
                        "billing  dump     1 s",
                        "1/2 databases, 20 MB of 30 MB, 1 s");
    }

    @Test
    void leavesOnlyTheMessagesWhenClosed() {
        renderer.show(new Event.MigrationStarted(List.of(SHOP), ByteSize.ofMegabytes(30)));
        start(SHOP, Phase.DUMP);
        screen();
        renderer.show(new Event.Message(Event.Level.ERROR, "last words"));
        renderer.close();
        terminal.write(output.take());
        assertThat(lines()).containsExactly("1 database, 30 MB", "error: last words");
    }

    @Test
    void countsTheRowsThatDoNotFit() {
        List<DatabaseName> databases =
                IntStream.range(0, 20).mapToObj(i -> new DatabaseName("d" + i)).toList();
        renderer.show(new Event.MigrationStarted(databases, ByteSize.ofMegabytes(1)));
        databases.forEach(database -> start(database, Phase.DUMP));
        screen();
        clock.advance(Duration.ofSeconds(3));
        assertThat(screen())
                .containsExactly(
                        "20 databases, 1.0 MB",
                        "d0  dump     3 s",
                        "d1  dump     3 s",
                        "d2  dump     3 s",
                        "d3  dump     3 s",
                        "d4  dump     3 s",
                        "... and 15 more",
                        "0/20 databases, 0 B of 1.0 MB, 3 s");
    }

    @Test
    void staysWithinTheWidthAndTheHeight() {
        DatabaseName wide = new DatabaseName("日本語".repeat(10) + "\n\u001b[2J");
        for (int columns = 1; columns < 50; columns++) {
            for (int rows = 1; rows < 6; rows++) {
                size = new ScreenSize(columns, rows);
                ProgressState board = new ProgressState(clock);
                board.accept(new Event.MigrationStarted(List.of(wide, SHOP), ByteSize.ofMegabytes(30)));
                board.accept(new Event.PhaseStarted(wide, Phase.RESTORE, clock.instant()));
                board.accept(new Event.PhaseStarted(SHOP, Phase.DUMP, clock.instant()));
                List<String> frame = ProgressRows.of(board, clock.instant(), size);
                assertThat(frame).hasSizeLessThanOrEqualTo(Math.max(1, rows - 1));
                for (String row : frame) {
                    assertThat(TextWidth.of(row)).isLessThan(columns);
                    assertThat(row).doesNotContain("\n", "\u001b");
                }
            }
        }
    }

    @Test
    void takesBackRowsThatANarrowerWindowHasWrapped() {
        renderer.show(new Event.MigrationStarted(List.of(SHOP), ByteSize.ofMegabytes(30)));
        start(SHOP, Phase.WAIT_TARGET);
        renderer.tick();
        output.take();
        size = new ScreenSize(20, 8);
        renderer.tick();
        // Two rows of 34 and 32 columns have become four lines.
        assertThat(output.take()).startsWith("\r\u001b[3A");
    }

    @Test
    void putsDatabasesThatWaitLastAndThoseThatHaveNotBegunNowhere() {
        start(new DatabaseName("a"), Phase.WAIT_SOURCE);
        start(new DatabaseName("b"), Phase.WAIT_TARGET);
        start(new DatabaseName("c"), Phase.DUMP);
        assertThat(screen()).containsExactly("c  dump                       0 s", "b  waiting for the target     0 s");
    }

    @Test
    void usesColourOnlyWhereItMay() {
        renderer.show(new Event.Message(Event.Level.ERROR, "plain"));
        renderer.tick();
        assertThat(output.take()).doesNotContain("\u001b[3").contains("error: plain");
        renderer = new TerminalRenderer(output.stream(), () -> size, true, clock);
        renderer.show(new Event.Message(Event.Level.ERROR, "red\u001b[0m"));
        renderer.tick();
        assertThat(output.take()).contains("\u001b[31merror: red\\u001b[0m\u001b[0m\r\n");
    }

    @Test
    void writesNothingWhileThereIsNothingToShow() {
        renderer.tick();
        renderer.close();
        assertThat(output.text()).isEmpty();
    }

    private void start(DatabaseName database, Phase phase) {
        renderer.show(new Event.PhaseStarted(database, phase, clock.instant()));
    }

    /** What the terminal shows after one more tick. */
    private List<String> screen() {
        renderer.tick();
        terminal.write(output.take());
        return lines();
    }

    private List<String> lines() {
        return terminal.toString()
                .lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
