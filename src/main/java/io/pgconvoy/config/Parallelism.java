package io.pgconvoy.config;

/**
 * How much goes on at once.
 *
 * @param dumpJobs pg_dump's workers for one database
 * @param restoreJobs pg_restore's workers for one database
 * @param dumpParallel databases dumped at once
 * @param restoreParallel databases restored at once
 * @param verifyConcurrency counting queries at once over all databases and both servers
 */
public record Parallelism(int dumpJobs, int restoreJobs, int dumpParallel, int restoreParallel, int verifyConcurrency) {
    /** The most connections to the source at once: workers, pg_dump's own, the snapshot holder, counts, discovery, locks. */
    public int sourceConnections() {
        return dumpParallel * (dumpJobs + 2) + verifyConcurrency + 2;
    }

    /** The most of them to one database, which is dumped and counted. */
    public int sourceConnectionsToOne() {
        return dumpJobs + 2 + verifyConcurrency;
    }

    /**
     * The most connections to the target at once: workers and pg_restore's own, administration, locks; and counting, or one
     * for each database that is kept beside its pg_restore. What is restored is not counted at the same time.
     */
    public int targetConnections() {
        int whileOneCounts = verifyConcurrency + Math.max(0, restoreParallel - restoreJobs - 2);
        return restoreParallel * (restoreJobs + 1) + Math.max(restoreParallel, whileOneCounts) + administrators() + 3;
    }

    /** How many sessions that make and complete databases are kept; whoever finds none has one of its own, for a moment. */
    public int administrators() {
        return Math.min(2, restoreParallel);
    }

    /** How many processes may build indexes on the target at once. */
    public int concurrentBuilders() {
        return restoreParallel * restoreJobs;
    }

    /** For people, with the option names. */
    @Override
    public String toString() {
        return "--dump-jobs " + dumpJobs + " --restore-jobs " + restoreJobs + " --dump-parallel " + dumpParallel
                + " --restore-parallel " + restoreParallel + " --verify-concurrency " + verifyConcurrency;
    }
}
