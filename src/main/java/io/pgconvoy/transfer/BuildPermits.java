package io.pgconvoy.transfer;

import io.pgconvoy.postgres.concurrent.Cancellation;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Limits how many indexes are built at once, over all databases. Safe for use by many threads. */
public final class BuildPermits {
    private final int builders;
    private final Semaphore semaphore;
    private final AtomicInteger pending = new AtomicInteger();

    /** @param builders at most so many at once, at least 1 */
    public BuildPermits(int builders) {
        if (builders < 1) {
            throw new IllegalArgumentException("at least one builder: " + builders);
        }
        this.builders = builders;
        this.semaphore = new Semaphore(builders, true);
    }

    /** At most so many at once. */
    int builders() {
        return builders;
    }

    /** Announces builds, or takes back what was announced. */
    void announce(int builds) {
        pending.addAndGet(builds);
    }

    /** How many may run beside each other from now on: when few are left, each can have more workers. */
    int atOnce() {
        return Math.max(1, Math.min(builders, pending.get()));
    }

    /** A build's turn; closing it lets the next one begin. */
    final class Turn implements AutoCloseable {
        private Turn() {}

        @Override
        public void close() {
            semaphore.release();
        }
    }

    /** Waits for one's turn. */
    Turn await() {
        try {
            semaphore.acquire();
            return new Turn();
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
    }
}
