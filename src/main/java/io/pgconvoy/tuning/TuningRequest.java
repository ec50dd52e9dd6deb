package io.pgconvoy.tuning;

import io.pgconvoy.config.ByteSize;
import java.util.Optional;

/**
 * What the caller decides about the tuning.
 *
 * @param maintenanceWorkMem what each builder may use; empty to leave it alone
 * @param clientsWrite whether databases are opened for clients while the load goes on, whose commits must be durable
 * @param crashSafety whether settings may be changed that put the whole target cluster at risk if its machine crashes
 */
public record TuningRequest(Optional<ByteSize> maintenanceWorkMem, boolean clientsWrite, CrashSafety crashSafety) {
    /**
     * Whether fsync and full_page_writes may be off while loading.
     *
     * @param mayBeOff only where the target holds nothing besides this migration's databases, or where the user insists
     * @param reason why, for the summary: {@code "the target also holds the database \"shop\""}
     */
    public record CrashSafety(boolean mayBeOff, String reason) {}
}
