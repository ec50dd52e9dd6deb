package io.pgconvoy.transfer;

import io.pgconvoy.postgres.Cancellation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Has a change of definitions wait for its locks in a database that clients work in: such a statement waits for the
 * transactions that use the table, and everybody who comes later waits behind it; so it waits briefly, lets the others
 * pass, and tries again. Safe for use by many threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit Locking</a>
 */
final class LockPatience {
    /** For how long, at most, something is tried again. */
    static final Duration DEFAULT = Duration.ofMinutes(10);

    /** Longer than deadlock_timeout's default of 1 s, after which an autovacuum that is in the way gives up. */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** lock_not_available and deadlock_detected. */
    private static final Set<String> IN_THE_WAY = Set.of("55P03", "40P01");

    private final Duration patience;
    private final Cancellation cancellation;

    LockPatience(Duration patience, Cancellation cancellation) {
        this.patience = patience;
        this.cancellation = cancellation;
    }

    /** What is tried, with {@link #LOCK_TIMEOUT} in force; a failed attempt leaves nothing behind. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws SQLException;
    }

    /** Whether a failure means that somebody else was in the way, for longer than there was patience. */
    static boolean isInTheWay(SQLException failure) {
        return IN_THE_WAY.contains(String.valueOf(failure.getSQLState()));
    }

    Duration patience() {
        return patience;
    }

    /**
     * Tries until it succeeds, fails for another reason, or the patience is at its end.
     *
     * @throws SQLException the last attempt's failure
     */
    <T> T insist(Attempt<T> attempt) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            cancellation.check();
            try {
                return attempt.run();
            } catch (SQLException failure) {
                cancellation.check();
                if (!isInTheWay(failure) || System.nanoTime() > deadline) {
                    throw failure;
                }
            }
            pause();
        }
    }

    private void pause() {
        CountDownLatch cancelled = new CountDownLatch(1);
        try (var registration = cancellation.onCancel(cancelled::countDown)) {
            if (cancelled.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Cancellation.interrupted();
            }
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
    }
}
