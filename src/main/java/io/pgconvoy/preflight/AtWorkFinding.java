package io.pgconvoy.preflight;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import java.util.List;
import java.util.Optional;

/** What {@code pgconvoy check} says of other runs on the same target: one at work, or one that died there. */
public final class AtWorkFinding {
    private AtWorkFinding() {}

    /** Why a migration would not begin while another run is at work. */
    public static Finding otherRun(PgconvoyException refusal) {
        return of("other-run", Severity.BLOCKER, refusal.getMessage(), refusal.hint());
    }

    /** That the target is not as it was before a run that was killed. */
    public static Finding tuned(String what, String advice) {
        return of("tuning", Severity.WARNING, what, advice);
    }

    private static Finding of(String name, Severity severity, String what, String advice) {
        return new Finding(name, severity, Optional.of(Side.TARGET), what, List.of(), advice, Optional.empty());
    }
}
