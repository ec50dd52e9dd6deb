package io.pgconvoy.postgres;

import io.pgconvoy.config.PgconvoyException;

/** Somebody changes tables at this very moment: what was begun is to be begun anew, with a new snapshot. */
public final class UnsettledException extends RuntimeException {
    private final PgconvoyException failure;

    /** @param failure what to tell where beginning anew does not help either */
    public UnsettledException(PgconvoyException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    public PgconvoyException failure() {
        return failure;
    }
}
