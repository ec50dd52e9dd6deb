package io.pgconvoy.postgres.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PermitTest {
    private final Cancellation cancellation = new Cancellation();
    private final Bulkhead bulkhead = Bulkheads.bulkhead("test", 1);

    @Test
    void isWaitedForUntilAnotherThreadGivesItBack() throws InterruptedException {
        Permit first = Permit.take(bulkhead, cancellation);
        CountDownLatch taken = new CountDownLatch(1);
        Thread second = started(() -> {
            try (Permit permit = Permit.take(bulkhead, cancellation)) {
                taken.countDown();
            }
        });
        second.join(200);
        assertThat(taken.getCount()).isEqualTo(1);
        first.close();
        second.join();
        assertThat(taken.getCount()).isZero();
        assertThat(free()).isEqualTo(1);
    }

    @Test
    void isGivenBackOnceHoweverOftenItIsClosed() {
        Permit first = Permit.take(bulkhead, cancellation);
        first.close();
        Permit second = Permit.take(bulkhead, cancellation);
        first.close();
        assertThat(free()).as("the second one holds it").isZero();
        second.close();
        assertThat(free()).isEqualTo(1);
    }

    @Test
    void whoWaitsIsToldOfACancellation() throws InterruptedException {
        Permit first = Permit.take(bulkhead, cancellation);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread second = started(() -> {
            try {
                Permit.take(bulkhead, cancellation).close();
            } catch (PgconvoyException interrupted) {
                failure.set(interrupted);
            }
        });
        second.join(200);
        cancellation.cancel();
        second.join();
        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        interrupted -> assertThat(interrupted.kind()).isEqualTo(ErrorKind.INTERRUPTED));
        first.close();
        assertThat(free()).isEqualTo(1);
    }

    @Test
    void noneIsTakenOnceCancelled() {
        cancellation.cancel();
        assertThatThrownBy(() -> Permit.take(bulkhead, cancellation)).isInstanceOf(PgconvoyException.class);
        assertThat(free()).isEqualTo(1);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private int free() {
        return bulkhead.getMetrics().getAvailableConcurrentCalls();
    }

    private static Thread started(Runnable work) {
        Thread thread = new Thread(work);
        thread.start();
        return thread;
    }
}
