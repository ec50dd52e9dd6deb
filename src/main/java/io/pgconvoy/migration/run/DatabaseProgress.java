package io.pgconvoy.migration.run;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.report.Event;
import io.pgconvoy.report.Events;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/** Tells how one database gets on, and remembers when its phases ran. Safe for use by both lanes of that database. */
public final class DatabaseProgress {
    private final DatabaseName database;
    private final Events events;
    private final TransientRetry retry;
    private final Map<Phase, Span> spans = Collections.synchronizedMap(new EnumMap<>(Phase.class));

    public DatabaseProgress(DatabaseName database, Events events, Cancellation cancellation) {
        this.database = database;
        this.events = events;
        this.retry =
                new TransientRetry(cancellation, text -> events.publish(new Event.Message(Event.Level.WARNING, text)));
    }

    /** A phase that is going on; closing it ends it. */
    public final class Running implements AutoCloseable {
        private final Phase phase;
        private final Instant startedAt = Instant.now();
        private final long startedNanos = System.nanoTime();
        private final AtomicBoolean closed = new AtomicBoolean();

        private Running(Phase phase) {
            this.phase = phase;
            events.publish(new Event.PhaseStarted(database, phase, startedAt));
        }

        /** How long it has been going on. */
        public Span span() {
            return new Span(startedAt, Duration.ofNanos(System.nanoTime() - startedNanos));
        }

        /** Takes how many of the unit are done so far. */
        public LongConsumer progress(Optional<Long> total, String unit) {
            return done -> events.publish(new Event.PhaseProgress(database, phase, done, total, unit));
        }

        /** Ends it; once is enough. */
        @Override
        public void close() {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
            Span span = span();
            // Who waits several times has waited for all of that; of work done again the last counts.
            spans.merge(phase, span, (before, now) -> phase.isWaiting() ? plus(before, now) : now);
            events.publish(new Event.PhaseFinished(database, phase, span.elapsed()));
        }
    }

    /** Tries again what failed for a reason that passes, and says so, here and in the summary. */
    public TransientRetry retry() {
        return retry;
    }

    public Running begin(Phase phase) {
        return new Running(phase);
    }

    private static Span plus(Span before, Span now) {
        return new Span(before.startedAt(), before.elapsed().plus(now.elapsed()));
    }

    /** When a phase ran, if it did. */
    public Optional<Span> span(Phase phase) {
        return Optional.ofNullable(spans.get(phase));
    }
}
