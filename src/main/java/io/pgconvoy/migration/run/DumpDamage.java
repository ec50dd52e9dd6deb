package io.pgconvoy.migration.run;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.util.Optional;

/** A database's dump is not what was written. Cause of what is thrown, for those who may dump it again. */
public final class DumpDamage extends RuntimeException {
    private static final String HINT =
            "Is the disk of --dump-root sound? Run the same command again, which dumps the database anew.";

    private final boolean ofParts;

    private DumpDamage(String what, boolean ofParts) {
        super(what);
        this.ofParts = ofParts;
    }

    /** A file of the archive. */
    static PgconvoyException ofArchive(String what) {
        return new PgconvoyException(
                ErrorKind.JOURNAL, "the dump is damaged: " + what, HINT, new DumpDamage(what, false));
    }

    /** Nothing but parts of deferred tables. */
    public static PgconvoyException ofParts(PgconvoyException failure) {
        return new PgconvoyException(
                failure.kind(), failure.getMessage(), failure.hint(), new DumpDamage(failure.getMessage(), true));
    }

    /** The damage that a failure comes from. */
    public static Optional<DumpDamage> of(PgconvoyException failure) {
        return failure.getCause() instanceof DumpDamage damage ? Optional.of(damage) : Optional.empty();
    }

    public String what() {
        return getMessage();
    }

    /** Whether the archive is whole. */
    public boolean isOfPartsOnly() {
        return ofParts;
    }
}
