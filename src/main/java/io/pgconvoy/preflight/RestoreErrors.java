package io.pgconvoy.preflight;

import io.pgconvoy.preflight.Finding.Severity;

/** How bad a statement of pg_restore is that the target will refuse. */
final class RestoreErrors {
    private RestoreErrors() {}

    /** Its database fails, unless the user accepts such errors. */
    static Severity severity(Situation situation) {
        return situation.config().allowRestoreErrors() ? Severity.WARNING : Severity.BLOCKER;
    }

    /** The same for owners and privileges: who is no superuser on the target may have to do without them. */
    static Severity ofOwnership(Situation situation) {
        return situation.target().status().superuser() ? severity(situation) : Severity.WARNING;
    }
}
