package io.pgconvoy.postgres;

import io.pgconvoy.config.PgconvoyException;

/** Somebody changes tables at this very moment: what was begun is to be begun anew, with a new snapshot. */
public final class UnsettledException extends RuntimeException {
    private final PgconvoyException failure;
    private final boolean locked;

    /** @param failure what to tell where beginning anew does not help either */
    public UnsettledException(PgconvoyException failure) {
        this(failure, false);
    }

    private UnsettledException(PgconvoyException failure, boolean locked) {
        super(failure.getMessage(), failure);
        this.failure = failure;
        this.locked = locked;
    }

    /** One for a lock that somebody may have for long: as long as we wait for locks, so long is it tried again. */
    public static UnsettledException locked(PgconvoyException failure) {
        return new UnsettledException(failure, true);
    }

    public PgconvoyException failure() {
        return failure;
    }

    public boolean isLocked() {
        return locked;
    }
}
