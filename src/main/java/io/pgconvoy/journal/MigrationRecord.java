package io.pgconvoy.journal;

import io.pgconvoy.config.VerifyLevel;
import java.time.Instant;

/**
 * What a journal is about.
 *
 * @param format this file's version; a newer program may raise it
 * @param id names this migration: its sessions on the servers, its databases while they are made
 * @param dumpRoot where its archives lie
 * @param verify how closely its databases are compared: what its dumps have beside them depends on it
 */
public record MigrationRecord(
        int format,
        String id,
        Instant startedAt,
        ServerIdentity source,
        ServerIdentity target,
        String dumpRoot,
        VerifyLevel verify) {
    /** The version that this program writes. */
    public static final int FORMAT = 2;
}
