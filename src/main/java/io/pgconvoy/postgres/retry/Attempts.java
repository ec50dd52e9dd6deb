package io.pgconvoy.postgres.retry;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How often a snapshot is taken anew while somebody {@linkplain UnsettledException is in the way}: some times, and for a lock
 * that somebody has, as long as {@code --lock-wait-timeout} lets us wait for one. For one thread.
 */
public final class Attempts {
    private static final int MOST = 6;

    /** Between two attempts. Nothing is locked meanwhile. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration PAUSE_FOR_A_LOCK = Duration.ofSeconds(5);

    private final Duration lockWait;
    private int number = 1;
    private Optional<Long> lockedSince = Optional.empty();

    /** For snapshots of that server. */
    public Attempts(Server server) {
        this.lockWait = server.lockWait();
    }

    /** The number of the attempt that is being made, from 1 on. */
    public int number() {
        return number;
    }

    /**
     * Pauses before the next attempt.
     *
     * @param tell receives what to say of it, where that was not said before
     * @throws PgconvoyException where there is none
     */
    public void next(UnsettledException moment, Consumer<String> tell, Cancellation cancellation) {
        Optional<String> next = moment.isLocked() ? nextForLock(moment) : nextCounted(moment);
        next.ifPresent(what -> tell.accept(moment.failure().getMessage() + what));
        Duration pause = moment.isLocked() ? PAUSE_FOR_A_LOCK : PAUSE;
        cancellation.await(() -> Thread.sleep(pause.toMillis()));
    }

    private Optional<String> nextForLock(UnsettledException moment) {
        long now = System.nanoTime();
        if (lockedSince.isEmpty()) {
            lockedSince = Optional.of(now);
            return Optional.of("; it is tried again, for as long as --lock-wait-timeout says");
        }
        if (!lockWait.isZero() && now - lockedSince.get() >= lockWait.toNanos()) {
            throw last(moment);
        }
        return Optional.empty();
    }

    private Optional<String> nextCounted(UnsettledException moment) {
        lockedSince = Optional.empty();
        if (number == MOST) {
            throw last(moment);
        }
        number++;
        return Optional.of("; it is begun anew with a new snapshot (attempt " + number + " of " + MOST + ")");
    }

    private static PgconvoyException last(UnsettledException moment) {
        PgconvoyException failure = moment.failure();
        return new PgconvoyException(failure.kind(), failure.getMessage(), failure.hint(), moment);
    }
}
