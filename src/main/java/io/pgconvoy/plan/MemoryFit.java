package io.pgconvoy.plan;

import io.pgconvoy.config.ByteSize;
import java.util.Optional;

/** Fits what index builds may use at once into the target machine's memory. */
public final class MemoryFit {
    /** More than this hardly speeds a sort up, and some platforms accept no more. */
    private static final ByteSize MOST = ByteSize.ofMegabytes(2048);

    /** The server's own default: less than this is not worth a change. */
    private static final ByteSize LEAST = ByteSize.ofMegabytes(64);

    /** The part of the machine (one of this many) that all builders together may take beside shared_buffers. */
    private static final int PART = 4;

    private MemoryFit() {}

    /**
     * The maintenance_work_mem that all concurrent builders together can have: a quarter of the machine shared among
     * them, at most 2 GB each, in whole megabytes. The parallel workers of one CREATE INDEX share the allotment of
     * their leader, so they do not count.
     *
     * @param memory of the target's machine or container
     * @param builders index builds at the same time: databases being restored times pg_restore's jobs
     * @return empty where the share is below the server's default of 64 MB, which is then best left alone
     * @throws IllegalArgumentException where there are no builders
     * @see <a
     *     href="https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-MAINTENANCE-WORK-MEM">maintenance_work_mem</a>
     */
    public static Optional<ByteSize> maintenanceWorkMem(ByteSize memory, int builders) {
        if (builders < 1) {
            throw new IllegalArgumentException("at least one builder: " + builders);
        }
        long share = Math.min(MOST.megabytes(), memory.megabytes() / PART / builders);
        return share < LEAST.megabytes() ? Optional.empty() : Optional.of(ByteSize.ofMegabytes(share));
    }
}
