package io.pgconvoy.postgres.retry;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Does something once more where it failed for a {@linkplain PassingFailure reason that passes}: a few times, after pauses
 * that grow, and never unsaid. Once cancelled, nothing is tried again. Safe for use by many threads.
 */
public final class TransientRetry {
    private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(1), Duration.ofSeconds(5));

    private final Cancellation cancellation;
    private final Consumer<String> tell;
    private final List<Duration> pauses;
    private final Map<String, List<PassingFailure>> reasons = new LinkedHashMap<>();

    /** @param tell is told, as it happens, what is tried again, and why */
    public TransientRetry(Cancellation cancellation, Consumer<String> tell) {
        this(cancellation, tell, PAUSES);
    }

    /** @param pauses one before each attempt but the first */
    TransientRetry(Cancellation cancellation, Consumer<String> tell, List<Duration> pauses) {
        this.cancellation = cancellation;
        this.tell = tell;
        this.pauses = List.copyOf(pauses);
    }

    /**
     * Does something that may be done again as a whole.
     *
     * @param what names it
     * @throws PgconvoyException the last attempt's failure, or the first that does not pass
     */
    public <T> T run(String what, Supplier<T> unit) {
        return runWhile(() -> true, what, unit);
    }

    /**
     * The same where it may become impossible.
     *
     * @param possible whether to try once more
     */
    public <T> T runWhile(BooleanSupplier possible, String what, Supplier<T> unit) {
        for (int attempt = 1; ; attempt++) {
            try {
                return unit.get();
            } catch (PgconvoyException failure) {
                Optional<PassingFailure> passing = PassingFailure.of(failure);
                if (passing.isEmpty()
                        || attempt > pauses.size()
                        || cancellation.isCancelled()
                        || !possible.getAsBoolean()) {
                    throw failure;
                }
                Duration pause = pauses.get(attempt - 1);
                note(what, passing.get());
                tell.accept(failure.getMessage() + "; " + what + ": tried again in " + pause.toSeconds()
                        + " s (attempt " + (attempt + 1) + " of " + (pauses.size() + 1) + ")");
                cancellation.await(() -> Thread.sleep(pause.toMillis()));
                cancellation.check();
            }
        }
    }

    /** The same for what has no result. */
    public void again(String what, Runnable unit) {
        run(what, () -> {
            unit.run();
            return Optional.empty();
        });
    }

    /**
     * Says the same of what tries again by itself.
     *
     * @param attempt the next one's number
     */
    public void tells(String what, PgconvoyException failure, int attempt, int most) {
        PassingFailure.of(failure).ifPresent(passing -> {
            note(what, passing);
            tell.accept(failure.getMessage() + "; " + what + ": tried again (attempt " + attempt + " of " + most + ")");
        });
    }

    private synchronized void note(String what, PassingFailure why) {
        reasons.computeIfAbsent(what, unused -> new ArrayList<>()).add(why);
    }

    /** What was tried again, how often and why. */
    public synchronized List<String> notes() {
        List<String> notes = new ArrayList<>();
        reasons.forEach((what, all) -> notes.add(what + ": tried again "
                + (all.size() == 1 ? "once" : all.size() + " times") + ", after "
                + String.join(
                        " and ",
                        new LinkedHashSet<>(
                                all.stream().map(PassingFailure::words).toList()))));
        return notes;
    }
}
