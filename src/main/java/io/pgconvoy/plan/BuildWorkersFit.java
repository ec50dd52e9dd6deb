package io.pgconvoy.plan;

/** Fits the parallel workers of index builds to how many builds run at once. */
public final class BuildWorkersFit {
    /** More hardly speed one sort up, and each needs its part of the leader's memory. */
    private static final int MOST = 8;

    private BuildWorkersFit() {}

    /**
     * The max_parallel_maintenance_workers of each build, so that as many processes as jobs are at work: a single build
     * gets many, many builds none. Workers that only take each other's processors cost time, since what they sort goes
     * through temporary files.
     *
     * @param builds index builds at the same time
     * @param jobs how much the target is to do at once: a build's own process is one of them
     * @param parallelWorkers the target's max_parallel_workers
     * @throws IllegalArgumentException where there are no builds
     * @see <a
     *     href="https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-MAX-PARALLEL-MAINTENANCE-WORKERS">max_parallel_maintenance_workers</a>
     */
    public static int workers(int builds, int jobs, int parallelWorkers) {
        if (builds < 1) {
            throw new IllegalArgumentException("at least one build: " + builds);
        }
        return Math.min(MOST, Math.min(Math.max(0, jobs / builds - 1), Math.max(0, parallelWorkers) / builds));
    }
}
