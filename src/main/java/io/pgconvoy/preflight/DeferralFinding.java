package io.pgconvoy.preflight;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import java.util.List;
import java.util.Optional;

/** What {@code pgconvoy check} says of deferred tables that could not be loaded on the target. */
public final class DeferralFinding {
    private static final String NAME = "deferred-tables";

    private DeferralFinding() {}

    /** Why a migration would not begin. */
    public static Finding of(PgconvoyException refusal) {
        return new Finding(
                NAME,
                Severity.BLOCKER,
                Optional.of(Side.TARGET),
                refusal.getMessage(),
                List.of(),
                refusal.hint(),
                Optional.empty());
    }
}
