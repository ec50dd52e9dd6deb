package io.pgconvoy.migration;

import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.tuning.ClosedDatabases;

/**
 * What the parts of one run go by, once the journal is open.
 *
 * @param source under the migration's application name, as the target
 * @param closed the source's databases that are opened for their dump
 * @param discovery which databases are moved
 * @param borrowed the roles that the target's user joins for the move, where it is no superuser
 * @param lock keeps other runs off the target
 */
record Route(
        Ground ground,
        Server source,
        Server target,
        Journal journal,
        ClosedDatabases closed,
        Discovery discovery,
        TargetDatabases targetDatabases,
        BorrowedRoles borrowed,
        TargetLock lock) {
    /** Whether the target's user may do everything there. */
    boolean isSuperuser() {
        return ground.target().status().superuser();
    }
}
