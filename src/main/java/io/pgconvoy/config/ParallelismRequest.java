package io.pgconvoy.config;

import java.util.OptionalInt;

/**
 * What the user said about how much goes on at once; what is empty is fitted.
 *
 * @param dumpJobs pg_dump's workers for one database
 * @param restoreJobs pg_restore's workers for one database
 * @param maxParallel databases at once on either side
 * @param dumpParallel databases dumped at once; overrides maxParallel
 * @param restoreParallel databases restored at once; overrides maxParallel
 * @param verifyConcurrency counting queries at once over all databases and both servers
 */
public record ParallelismRequest(
        OptionalInt dumpJobs,
        OptionalInt restoreJobs,
        OptionalInt maxParallel,
        OptionalInt dumpParallel,
        OptionalInt restoreParallel,
        OptionalInt verifyConcurrency) {
    private static final int MOST = 1000;

    public ParallelismRequest {
        check("--dump-jobs", dumpJobs);
        check("--restore-jobs", restoreJobs);
        check("--max-parallel", maxParallel);
        check("--dump-parallel", dumpParallel);
        check("--restore-parallel", restoreParallel);
        check("--verify-concurrency", verifyConcurrency);
    }

    static void check(String option, OptionalInt value) {
        if (value.isPresent() && (value.getAsInt() < 1 || value.getAsInt() > MOST)) {
            throw PgconvoyException.usage(
                    option + ": " + value.getAsInt() + " is out of range", "Give a number from 1 to " + MOST + ".");
        }
    }
}
