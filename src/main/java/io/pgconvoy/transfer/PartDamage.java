package io.pgconvoy.transfer;

import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;

/** A part's file is not what was written: missing, shorter, longer, altered or unreadable. Cause of what is thrown. */
public final class PartDamage extends IOException {
    PartDamage(String message, IOException cause) {
        super(message, cause);
    }

    /** Whether a failure comes from a damaged part, which may be dumped again from the source. */
    public static boolean isCauseOf(PgconvoyException failure) {
        return failure.getCause() instanceof PartDamage;
    }
}
