package io.pgconvoy.globals;

import java.util.Objects;
import java.util.Optional;

/**
 * A membership that the target's user has only while the migration runs.
 *
 * @param role what the user becomes a member of
 * @param before the options of the grant that it had given itself before, which is changed for the time being
 */
public record RoleLoan(String role, Optional<Options> before) {
    /** A grant's options. */
    public record Options(boolean admin, boolean inherit, boolean set) {}

    public RoleLoan {
        Objects.requireNonNull(role);
        Objects.requireNonNull(before);
    }
}
