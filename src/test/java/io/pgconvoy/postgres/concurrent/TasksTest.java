package io.pgconvoy.postgres.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TasksTest {
    private final Cancellation cancellation = new Cancellation();

    @Test
    void resultsAreThereAfterTheJoin() {
        try (Tasks tasks = Tasks.open("t", cancellation)) {
            CountDownLatch goOn = new CountDownLatch(1);
            var name = tasks.start("one", () -> Thread.currentThread().getName());
            var number = tasks.start("two", () -> {
                goOn.await();
                return 2;
            });
            assertThatThrownBy(number::result).isInstanceOf(IllegalStateException.class);
            goOn.countDown();
            tasks.join();
            assertThat(name.result()).isEqualTo("t-one");
            assertThat(number.result()).isEqualTo(2);
        }
    }

    @Test
    void selfEndingTasksAreBegunAndNotInterruptedByACancellation() {
        cancellation.cancel();
        List<String> cleanedUp = new CopyOnWriteArrayList<>();
        try (Tasks tasks = Tasks.selfEnding("t", Duration.ofSeconds(10), cancellation)) {
            tasks.start("one", () -> {
                Thread.sleep(100);
                cleanedUp.add("one");
            });
            tasks.join();
            assertThat(cleanedUp).containsExactly("one");
        }
    }

    @Test
    void selfEndingTasksAreLeftBehindWhereTheyDoNotEndAfterACancellation() {
        CountDownLatch never = new CountDownLatch(1);
        try (Tasks tasks = Tasks.selfEnding("t", Duration.ofMillis(100), cancellation)) {
            var stuck = tasks.start("stuck", () -> {
                never.await();
                return 1;
            });
            var well = tasks.start("well", () -> 2);
            cancellation.cancel();
            tasks.join();
            assertThat(stuck.done()).isEmpty();
            assertThat(well.done()).contains(2);
        } finally {
            never.countDown();
        }
    }

    @Test
    void theFirstFailureInTimeIsThrownWhateverWasStartedFirst() {
        CountDownLatch begun = new CountDownLatch(1);
        List<String> ended = new CopyOnWriteArrayList<>();
        try (Tasks tasks = Tasks.open("t", cancellation)) {
            tasks.start("slow", () -> {
                begun.countDown();
                try {
                    block(new CountDownLatch(1));
                } catch (InterruptedException brokenOff) {
                    ended.add("slow");
                    throw new IllegalStateException("second", brokenOff);
                }
            });
            tasks.start("broken", () -> {
                begun.await();
                throw new IllegalStateException("first");
            });
            assertThatThrownBy(tasks::join).hasMessage("first");
            assertThat(ended).containsExactly("slow");
        }
        assertThat(cancellation.isCancelled()).isFalse();
    }

    @Test
    void aFailureBreaksOffWhatAnotherTaskRegisteredWithTheWholeRunsCancellation() {
        CountDownLatch registered = new CountDownLatch(1);
        AtomicBoolean sawIt = new AtomicBoolean();
        try (Tasks tasks = Tasks.open("t", cancellation)) {
            tasks.start("query", () -> {
                CountDownLatch brokenOff = new CountDownLatch(1);
                try (var registration = cancellation.onCancel(brokenOff::countDown)) {
                    registered.countDown();
                    while (brokenOff.getCount() > 0) {
                        waitThroughInterrupts(brokenOff);
                    }
                }
                sawIt.set(cancellation.isCancelled());
            });
            tasks.start("broken", () -> {
                registered.await();
                throw new IllegalStateException("first");
            });
            assertThatThrownBy(tasks::join).hasMessage("first");
        }
        assertThat(sawIt).isTrue();
        assertThat(cancellation.isCancelled()).isFalse();
    }

    @Test
    void aFailureReachesTheTasksOfATask() {
        CountDownLatch begun = new CountDownLatch(3);
        AtomicInteger ended = new AtomicInteger();
        try (Tasks tasks = Tasks.open("outer", cancellation)) {
            tasks.start(
                    "side",
                    () -> Tasks.inParallel("inner", 3, cancellation, () -> {
                        begun.countDown();
                        try {
                            block(new CountDownLatch(1));
                        } finally {
                            ended.incrementAndGet();
                        }
                    }));
            tasks.start("broken", () -> {
                begun.await();
                throw new IllegalStateException("first");
            });
            assertThatThrownBy(tasks::join).hasMessage("first");
            assertThat(ended).hasValue(3);
        }
    }

    @Test
    void noneIsAtWorkWhenWhoOpenedItHasFailed() {
        AtomicBoolean ended = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        assertThatThrownBy(() -> {
                    try (Tasks tasks = Tasks.open("t", cancellation)) {
                        tasks.start("long", () -> {
                            begun.countDown();
                            try {
                                block(new CountDownLatch(1));
                            } finally {
                                ended.set(true);
                            }
                        });
                        begun.await();
                        throw new IllegalStateException("its own");
                    }
                })
                .hasMessage("its own");
        assertThat(ended).isTrue();
    }

    @Test
    void aCancelledRunIsInterruptedWhateverItsTasksFailWith() {
        CountDownLatch begun = new CountDownLatch(1);
        try (Tasks tasks = Tasks.open("t", cancellation)) {
            tasks.start("query", () -> {
                begun.countDown();
                try {
                    block(new CountDownLatch(1));
                } catch (InterruptedException brokenOff) {
                    throw new IllegalStateException("connection closed", brokenOff);
                }
            });
            tasks.start("other", () -> {
                begun.await();
                cancellation.cancel();
            });
            assertThatThrownBy(tasks::join)
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        }
    }

    @Test
    void anInterruptOfWhoJoinsCancelsThemAndIsKept() {
        AtomicBoolean ended = new AtomicBoolean();
        Thread joiner = Thread.currentThread();
        try (Tasks tasks = Tasks.open("t", cancellation)) {
            tasks.start("long", () -> {
                joiner.interrupt();
                try {
                    block(new CountDownLatch(1));
                } finally {
                    ended.set(true);
                }
            });
            assertThatThrownBy(tasks::join)
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
            assertThat(ended).as("it was waited for").isTrue();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cancellation.isCancelled()).isFalse();
    }

    @Test
    void nothingIsDoneOnceCancelled() {
        cancellation.cancel();
        AtomicBoolean done = new AtomicBoolean();
        assertThatThrownBy(() -> Tasks.inParallel("t", 2, cancellation, () -> done.set(true)))
                .isInstanceOf(PgconvoyException.class);
        assertThat(done).isFalse();
    }

    @Test
    void whatOneThreadDoesIsDoneInTheCallersAndEndsAsElsewhere() {
        List<Thread> threads = new ArrayList<>();
        Tasks.inParallel("t", 1, cancellation, () -> threads.add(Thread.currentThread()));
        assertThat(threads).containsExactly(Thread.currentThread());

        assertThatThrownBy(() -> Tasks.inParallel("t", 1, cancellation, () -> {
                    throw new AssertionError("lost");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("lost");
        assertThatThrownBy(() -> Tasks.inParallel("t", 1, cancellation, () -> {
                    cancellation.cancel();
                    Thread.sleep(60_000);
                }))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        assertThatThrownBy(() -> Tasks.inParallel("t", 1, cancellation, () -> threads.clear()))
                .isInstanceOf(PgconvoyException.class);
        assertThat(threads).hasSize(1);
    }

    @Test
    void anErrorIsNotLost() {
        assertThatThrownBy(() -> Tasks.inParallel("t", 2, cancellation, () -> {
                    throw new OutOfMemoryError("made up");
                }))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void whatIsNotBegunIsLeftOnceOneFails() {
        List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
        assertThatThrownBy(() -> Tasks.forEach("t", 1, cancellation, List.of(1, 2, 3), number -> {
                    begun.add(number);
                    if (number == 2) {
                        throw new IllegalStateException("two");
                    }
                }))
                .hasMessage("two");
        assertThat(begun).containsExactly(1, 2);
        Tasks.forEach("t", 2, cancellation, List.<Integer>of(), begun::add);
    }

    private static Void block(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(15, TimeUnit.SECONDS)).as("nobody broke it off").isTrue();
        return null;
    }

    private static void waitThroughInterrupts(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException noEnd) {
            // As a read from a socket does.
        }
    }
}
