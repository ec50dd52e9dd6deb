package io.pgconvoy.postgres.concurrent;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says what is being done where that takes longer than a reader likes to look at nothing. */
public final class SlowStep implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private final CountDownLatch over = new CountDownLatch(1);

    private SlowStep() {}

    /** Begins a step; its end closes this. */
    public static SlowStep tell(Runnable words) {
        SlowStep step = new SlowStep();
        Thread thread = new Thread(() -> step.await(words), "slow-step");
        thread.setDaemon(true);
        thread.start();
        return step;
    }

    private void await(Runnable words) {
        try {
            if (!over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                words.run();
            }
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
    }
}
