package io.pgconvoy.config;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * Everything the user asked of {@code pgconvoy verify}.
 *
 * @param databases which of the source's databases are compared
 * @param level how closely
 * @param maxParallel databases compared at once; fitted where empty
 * @param verifyConcurrency queries at once, over all databases, on each server; fitted where empty
 * @param lockWait the most that is waited for a lock of somebody else's
 */
public record VerifyConfig(
        Endpoint source,
        Endpoint target,
        DatabaseSelection databases,
        VerifyLevel level,
        OptionalInt maxParallel,
        OptionalInt verifyConcurrency,
        Duration lockWait) {
    public VerifyConfig {
        ParallelismRequest.check("--max-parallel", maxParallel);
        ParallelismRequest.check("--verify-concurrency", verifyConcurrency);
        MigrationConfig.refuseSameServer(source, target);
    }

    /** The same with other endpoints: with passwords that were asked for. */
    public VerifyConfig withEndpoints(Endpoint newSource, Endpoint newTarget) {
        return new VerifyConfig(newSource, newTarget, databases, level, maxParallel, verifyConcurrency, lockWait);
    }
}
