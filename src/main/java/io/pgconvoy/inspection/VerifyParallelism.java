package io.pgconvoy.inspection;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyConfig;
import io.pgconvoy.postgres.concurrent.Bulkheads;
import io.pgconvoy.survey.ConnectedServer;

/**
 * How much of a comparison goes on at once.
 *
 * @param databases compared at once
 * @param queries at once on each server, over all databases
 */
record VerifyParallelism(int databases, int queries) {
    private static final int MOST_DATABASES = 6;
    private static final int MOST_QUERIES = 16;

    /**
     * Takes what the user said, and fits the rest into what both servers can give: each database has a session that holds
     * its snapshot, one that reads the catalogs and those of the queries; and one looks who waits for locks.
     *
     * @throws PgconvoyException of kind PREFLIGHT where it does not fit, with the numbers
     */
    static VerifyParallelism fit(VerifyConfig config, ConnectedServer source, ConnectedServer target) {
        int processors = Runtime.getRuntime().availableProcessors();
        int available = Math.min(source.budget().available(), target.budget().available());
        int databases = config.maxParallel().orElse(Math.min(MOST_DATABASES, Math.max(2, processors)));
        int queries = config.verifyConcurrency().orElse(Math.min(MOST_QUERIES, Math.max(2, processors)));
        while (needed(databases, queries) > available) {
            if (config.verifyConcurrency().isEmpty() && queries > 1) {
                queries--;
            } else if (config.maxParallel().isEmpty() && databases > 1) {
                databases--;
            } else {
                throw new PgconvoyException(
                        ErrorKind.PREFLIGHT,
                        "-p " + databases + " --verify-concurrency " + queries + " needs up to "
                                + needed(databases, queries) + " connections: the source has "
                                + source.budget() + ", the target " + target.budget(),
                        "Lower them, free connections, or raise max_connections.");
            }
        }
        return new VerifyParallelism(databases, queries);
    }

    private static int needed(int databases, int queries) {
        return databases * 2 + databases * queries + 2;
    }

    Bulkhead sourceBulkhead() {
        return Bulkheads.bulkhead("verify-source", queries);
    }

    Bulkhead targetBulkhead() {
        return Bulkheads.bulkhead("verify-target", queries);
    }
}
