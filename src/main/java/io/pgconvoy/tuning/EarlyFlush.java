package io.pgconvoy.tuning;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.time.Duration;
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
    private final Daemon daemon;

    EarlyFlush(Server target) {
        // Once cancelled, the last flush does all that this one has not.
        this.target = target.disturbable();
        this.daemon = Daemon.start("early-flush", this::run);
    }

    private void run(Daemon flushing) {
        try (Session session = target.session("flushing its host's disks")) {
            while (flushing.goesOn(PAUSE)) {
                session.execute(DiskFlush.SYNC);
            }
        } catch (PgconvoyException refused) {
            log.debug("the target's host is not flushed meanwhile", refused);
        }
    }

    /** Waits for a flush that is under way: the last one would wait for the same writes. */
    @Override
    public void close() {
        daemon.close();
        daemon.join(PATIENCE);
    }
}
