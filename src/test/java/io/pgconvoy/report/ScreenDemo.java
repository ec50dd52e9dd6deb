package io.pgconvoy.report;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Plays a made-up migration on the real terminal, to be looked at: run its main with the test class path; arguments:
 * number of databases, {@code plain} for plain lines.
 */
final class ScreenDemo {
    private ScreenDemo() {}

    public static void main(String[] arguments) throws InterruptedException {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 6;
        boolean plain = List.of(arguments).contains("plain");
        Logging.configure(false);
        List<DatabaseName> databases = Stream.concat(
                        Stream.of("日本語のデータベース", "new\nline\u001b[2J"),
                        IntStream.range(2, count).mapToObj(i -> "database_" + i))
                .map(DatabaseName::new)
                .toList();
        try (Screen screen = Screen.open(plain)) {
            screen.publish(new Event.Message(Event.Level.INFO, "source 9.6.24, target 18.6"));
            screen.publish(new Event.MigrationStarted(databases, ByteSize.ofMegabytes(100L * count)));
            List<Thread> threads = IntStream.range(0, databases.size())
                    .mapToObj(i -> new Thread(() -> play(screen, databases.get(i), i)))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        SummaryTable.print(Summaries.ofEveryOutcome(), System.out);
    }

    private static void play(Events events, DatabaseName database, int number) {
        Instant start = Instant.now();
        for (Phase phase : List.of(Phase.DUMP, Phase.WAIT_TARGET, Phase.RESTORE, Phase.VERIFY)) {
            Instant began = Instant.now();
            events.publish(new Event.PhaseStarted(database, phase, began));
            for (int step = 0; step < 20 + 4 * number; step++) {
                pause(50);
                events.publish(
                        phase == Phase.DUMP
                                ? new Event.PhaseProgress(database, phase, step * 3_000_000L, Optional.empty(), "bytes")
                                : new Event.PhaseProgress(
                                        database, phase, step, Optional.of(20L + 4L * number), "tables"));
            }
            if (phase == Phase.RESTORE) {
                LoggerFactory.getLogger("io.pgconvoy.migration.Demo")
                        .warn("{}: pg_restore says something that is longer than a narrow line can hold", database);
            }
            events.publish(new Event.PhaseFinished(database, phase, Duration.between(began, Instant.now())));
        }
        events.publish(new Event.DatabaseFinished(
                database,
                ByteSize.ofMegabytes(100),
                number == 1 ? Event.Outcome.FAILED : Event.Outcome.COMPLETE,
                Duration.between(start, Instant.now()),
                number == 1 ? "a made-up failure" : ""));
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }
}
