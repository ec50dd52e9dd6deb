package io.pgconvoy.tuning;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the target's host write out what its kernel holds, every few seconds while fsync is off. Otherwise the kernel, which
 * PostgreSQL then gives no hints, would leave most of a load for the one flush at the end, when nothing else is left to
 * do meanwhile. Only that last flush counts for safety; this one may fail silently.
 */
final class EarlyFlush implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EarlyFlush.class);
    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Server target;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    EarlyFlush(Server target) {
        // Once cancelled, the last flush does all that this one has not.
        this.target = target.disturbable();
        this.thread = new Thread(this::run, "early-flush");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    private void run() {
        try (Session session = target.session("flushing its host's disks")) {
            while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                session.execute(DiskFlush.SYNC);
            }
        } catch (PgconvoyException refused) {
            log.debug("the target's host is not flushed meanwhile", refused);
        } catch (InterruptedException unexpected) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a flush that is under way: the last one would wait for the same writes. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
        }
    }
}
