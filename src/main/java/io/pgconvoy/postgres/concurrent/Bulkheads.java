package io.pgconvoy.postgres.concurrent;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.pgconvoy.config.Parallelism;
import java.time.Duration;

/**
 * The three limits on how much goes on at once.
 *
 * @param source databases being dumped
 * @param target databases being restored
 * @param verify counting queries, over all databases and both servers
 */
public record Bulkheads(Bulkhead source, Bulkhead target, Bulkhead verify) {
    /** Longer than any migration; the default of 0 would turn waiters away at once. */
    private static final Duration FOR_EVER = Duration.ofDays(3650);

    public static Bulkheads of(Parallelism parallelism) {
        return new Bulkheads(
                bulkhead("source", parallelism.dumpParallel()),
                bulkhead("target", parallelism.restoreParallel()),
                bulkhead("verify", parallelism.verifyConcurrency()));
    }

    public static Bulkhead bulkhead(String name, int permits) {
        return Bulkhead.of(
                name,
                BulkheadConfig.custom()
                        .maxConcurrentCalls(permits)
                        .maxWaitDuration(FOR_EVER)
                        .fairCallHandlingStrategyEnabled(true)
                        .build());
    }
}
