package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import java.util.List;

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

    /** What pg_restore will certainly fail to make; empty where there are no places. */
    static List<Finding> findings(Check check, Situation situation, String what, List<Place> places, String advice) {
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.blocker(check.name(), what, advice).at(places).as(severity(situation)));
    }
}
