package io.pgconvoy.preflight;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import java.util.List;
import java.util.Optional;

/** What {@code pgconvoy check} says of a journal that a migration between these servers could not go on with. */
public final class JournalFinding {
    private static final String NAME = "journal";

    private JournalFinding() {}

    /** Why it could not be read, and what to do. */
    public static Finding of(PgconvoyException unreadable) {
        return new Finding(
                NAME,
                Severity.BLOCKER,
                Optional.empty(),
                unreadable.getMessage(),
                List.of(),
                unreadable.hint(),
                Optional.empty());
    }
}
