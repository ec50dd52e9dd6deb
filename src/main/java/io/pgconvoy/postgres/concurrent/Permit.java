package io.pgconvoy.postgres.concurrent;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A place in a bulkhead, given back on close; another thread than the one that took it may do that. */
public final class Permit implements AutoCloseable {
    private final Bulkhead bulkhead;
    private final AtomicBoolean released = new AtomicBoolean();

    private Permit(Bulkhead bulkhead) {
        this.bulkhead = bulkhead;
    }

    /**
     * Waits for a place, first come first served.
     *
     * @throws io.pgconvoy.config.PgconvoyException of kind INTERRUPTED when cancelled meanwhile
     */
    public static Permit take(Bulkhead bulkhead, Cancellation cancellation) {
        try {
            cancellation.await(bulkhead::acquirePermission);
        } catch (BulkheadFullException | IllegalStateException interruptedWhileWaiting) {
            throw Cancellation.interrupted();
        }
        Permit permit = new Permit(bulkhead);
        if (cancellation.isCancelled()) {
            permit.close();
            throw Cancellation.interrupted();
        }
        return permit;
    }

    @Override
    public void close() {
        if (released.compareAndSet(false, true)) {
            bulkhead.releasePermission();
        }
    }
}
