package io.pgconvoy.journal;

import io.pgconvoy.config.VerifyLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a journal is about.
 *
 * @param format this file's version; a newer program may raise it
 * @param id names this migration: its sessions on the servers, its databases while they are made
 * @param dumpRoot where its next archives are made
 * @param verify how closely its databases are compared: what its dumps have beside them depends on it
 * @param earlierDumpRoots where archives were made before, and may lie still; absent where that never changed
 */
public record MigrationRecord(
        int format,
        String id,
        Instant startedAt,
        ServerIdentity source,
        ServerIdentity target,
        String dumpRoot,
        VerifyLevel verify,
        Optional<List<String>> earlierDumpRoots) {
    public MigrationRecord {
        earlierDumpRoots = earlierDumpRoots.map(List::copyOf);
    }

    /** The version that this program writes. */
    public static final int FORMAT = 2;

    /** The same with another place for new archives; where the old ones are is remembered. */
    MigrationRecord withDumpRoot(String newRoot) {
        if (newRoot.equals(dumpRoot)) {
            return this;
        }
        List<String> earlier = new ArrayList<>(earlierDumpRoots.orElse(List.of()));
        earlier.remove(newRoot);
        earlier.add(dumpRoot);
        return new MigrationRecord(format, id, startedAt, source, target, newRoot, verify, Optional.of(earlier));
    }
}
