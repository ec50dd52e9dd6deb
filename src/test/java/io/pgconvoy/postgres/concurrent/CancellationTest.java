package io.pgconvoy.postgres.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.PgconvoyException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CancellationTest {
    private final Cancellation cancellation = new Cancellation();

    @Test
    void aSilentServerHoldsUpNeitherTheOtherActionsNorWhoCancels() throws InterruptedException {
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(1);
        cancellation.onCancel(answer::await);
        cancellation.onCancel(other::countDown);
        cancellation.onCancel(() -> {
            throw new IllegalStateException("fails");
        });
        long begin = System.nanoTime();
        cancellation.cancel();
        assertThat(other.await(5, TimeUnit.SECONDS)).isTrue();
        // New registrations, and the ends of others, take the same lock.
        AtomicBoolean late = new AtomicBoolean();
        cancellation.onCancel(() -> late.set(true)).close();
        assertThat(late).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        answer.countDown();
    }

    @Test
    void actionsRunAtTheSameTimeAndMayAskTheCancellation() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(3);
        CountDownLatch done = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            cancellation.onCancel(() -> {
                all.countDown();
                // Each waits for the others, and then for nobody's lock.
                all.await();
                cancellation.owe(new Cancellation.Debt("done", "left"));
                cancellation.onCancel(() -> {}).close();
                done.countDown();
            });
        }
        cancellation.cancel();
        assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDebtIsToldUntilItIsSettled() {
        var tuning = new Cancellation.Debt("the tuning is reverted", "the tuning");
        var doors = new Cancellation.Debt("the databases are closed", "the databases");
        cancellation.owe(tuning);
        cancellation.owe(doors);
        cancellation.owe(tuning);
        cancellation.cancel();
        assertThat(cancellation.debts()).containsExactly(tuning, doors);
        cancellation.settled(tuning);
        assertThat(cancellation.debts()).containsExactly(doors);
        cancellation.settled(doors);
        assertThat(cancellation.debts()).isEmpty();
    }

    @Test
    void aClosedRegistrationDoesNotActAfterwards() throws InterruptedException {
        CountDownLatch acting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean acted = new AtomicBoolean();
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean tooLate = new AtomicBoolean();
        var registration = cancellation.onCancel(() -> {
            acting.countDown();
            goOn.await();
            tooLate.set(closed.get());
            acted.set(true);
        });
        cancellation.cancel();
        acting.await();
        Thread closing = new Thread(() -> {
            registration.close();
            closed.set(true);
        });
        closing.start();
        closing.join(300);
        assertThat(closing.isAlive())
                .as("it is at it, so its end is waited for")
                .isTrue();
        goOn.countDown();
        closing.join();
        assertThat(acted).isTrue();
        assertThat(tooLate).isFalse();
    }

    @Test
    void oneThatWasClosedBeforeNeverActs() throws InterruptedException {
        AtomicBoolean acted = new AtomicBoolean();
        cancellation.onCancel(() -> acted.set(true)).close();
        cancellation.cancel();
        Thread.sleep(100);
        assertThat(acted).isFalse();
    }

    @Test
    void aWaitThatIsCancelledLeavesNoInterruptBehind() {
        for (int i = 0; i < 50; i++) {
            Cancellation one = new Cancellation();
            Thread canceller = new Thread(one::cancel);
            assertThatThrownBy(() -> one.await(() -> {
                        canceller.start();
                        new CountDownLatch(1).await();
                    }))
                    .isInstanceOf(PgconvoyException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    void aScopeIsCancelledWithTheWholeAndNotTheOtherWayRound() throws InterruptedException {
        CountDownLatch inner = new CountDownLatch(1);
        try (var scope = cancellation.scope();
                var other = cancellation.scope()) {
            other.cancellation().cancel();
            assertThat(cancellation.isCancelled()).isFalse();
            assertThat(scope.cancellation().isCancelled()).isFalse();
            scope.run(() -> cancellation.onCancel(inner::countDown));
            cancellation.cancel();
            assertThat(scope.cancellation().isCancelled()).isTrue();
            assertThat(inner.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aCancellationThatIsNoPartOfTheScopesIsItsOwn() {
        Cancellation foreign = new Cancellation();
        try (var scope = cancellation.scope()) {
            scope.cancellation().cancel();
            scope.run(() -> {
                assertThat(cancellation.isCancelled()).isTrue();
                assertThat(foreign.isCancelled()).isFalse();
            });
            assertThat(cancellation.isCancelled()).isFalse();
        }
    }
}
