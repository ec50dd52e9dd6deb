package io.pgconvoy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final int PUBLISHERS = 8;
    private static final int EACH = 2_000;

    private final Output output = new Output();

    @Test
    void showsEverythingAndEachPublishersEventsInTheirOrder() throws InterruptedException {
        Screen screen = screen();
        List<Thread> threads = new ArrayList<>();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String name = "p" + publisher;
            Thread thread = new Thread(() -> {
                for (int number = 0; number < EACH; number++) {
                    screen.publish(message(name + " " + number));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        screen.close();
        List<String> lines = withoutTime(output.lines());
        assertThat(lines).hasSize(PUBLISHERS * EACH);
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            String name = "p" + publisher + " ";
            assertThat(lines.stream().filter(line -> line.startsWith(name)))
                    .containsExactlyElementsOf(IntStream.range(0, EACH)
                            .mapToObj(number -> name + number)
                            .toList());
        }
    }

    @Test
    void keepsLinesTogetherThatBelongTogether() throws InterruptedException {
        Screen screen = screen();
        Thread other = new Thread(() -> IntStream.range(0, EACH).forEach(i -> screen.publish(message("other"))));
        other.start();
        for (int i = 0; i < EACH; i++) {
            screen.publish(List.of(message("first"), message("second")));
        }
        other.join();
        screen.close();
        List<String> lines = withoutTime(output.lines());
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).equals("first")) {
                assertThat(lines.get(i + 1)).isEqualTo("second");
            }
        }
    }

    @Test
    void showsAMessageSoon() {
        try (Screen screen = screen()) {
            screen.publish(message("soon"));
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(output.text()).contains("soon"));
        }
    }

    @Test
    void printsMessagesPlainlyAfterClosing() {
        Screen screen = screen();
        screen.close();
        screen.close();
        screen.publish(message("late\nwords"));
        screen.publish(new Event.StatusAsked());
        assertThat(output.lines()).containsExactly("late\\nwords");
    }

    @Test
    void losesNothingThatIsPublishedWhileItCloses() throws InterruptedException {
        Screen screen = screen();
        CountDownLatch underWay = new CountDownLatch(100);
        Thread publisher = new Thread(() -> {
            for (int number = 0; number < EACH; number++) {
                screen.publish(message("m" + number));
                underWay.countDown();
            }
        });
        publisher.start();
        underWay.await();
        screen.close();
        publisher.join();
        assertThat(output.lines().size()).isGreaterThanOrEqualTo(100);
        assertThat(output.text()).contains("m99");
    }

    @Test
    void closesAlthoughStderrIsStuckAndTheThreadInterrupted() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        PrintStream stuck = new PrintStream(
                new java.io.OutputStream() {
                    @Override
                    public void write(int b) {
                        try {
                            release.await();
                        } catch (InterruptedException interrupt) {
                            Thread.currentThread().interrupt();
                        }
                    }
                },
                true,
                StandardCharsets.UTF_8);
        Screen screen = new Screen(new LineRenderer(stuck, Clock.systemUTC()), stuck, Duration.ofMillis(300));
        screen.publish(message("never seen"));
        Thread closer = new Thread(() -> {
            Thread.currentThread().interrupt();
            screen.close();
            screen.publish(message("dropped"));
        });
        closer.start();
        closer.join(10_000);
        assertThat(closer.isAlive()).isFalse();
        release.countDown();
    }

    @Test
    void survivesARendererThatFails() {
        Renderer failing = new Renderer() {
            @Override
            public void show(Event event) {
                throw new IllegalStateException("bug");
            }

            @Override
            public void tick() {}

            @Override
            public void close() {
                output.stream().println("closed");
            }
        };
        try (Screen screen = new Screen(failing, output.stream(), Duration.ofSeconds(10))) {
            screen.publish(message("a"));
        }
        assertThat(output.lines()).containsExactly("the screen failed: java.lang.IllegalStateException: bug", "closed");
    }

    private Screen screen() {
        return new Screen(
                new LineRenderer(output.stream(), Clock.systemUTC()), output.stream(), Duration.ofSeconds(30));
    }

    private static Event message(String text) {
        return new Event.Message(Event.Level.INFO, text);
    }

    private static List<String> withoutTime(List<String> lines) {
        return lines.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }
}
