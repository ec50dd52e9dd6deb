package io.pgconvoy.migration;

import io.pgconvoy.postgres.Cancellation;
import java.util.concurrent.CountDownLatch;

/**
 * Has deferred tables wait until every database of the run is up or has failed: the huge ones come last, over all
 * databases. Safe for use by many threads.
 */
final class RegularPhases {
    private final CountDownLatch outstanding;

    RegularPhases(int databases) {
        this.outstanding = new CountDownLatch(databases);
    }

    /** To be called once for each database. */
    void finished() {
        outstanding.countDown();
    }

    /**
     * Waits for all of them.
     *
     * @throws io.pgconvoy.config.PgconvoyException of kind INTERRUPTED when cancelled meanwhile
     */
    void await(Cancellation cancellation) {
        cancellation.await(outstanding::await);
        cancellation.check();
    }
}
