package io.pgconvoy.catalog;

import java.util.Objects;
import java.util.Optional;

/**
 * One role's membership in another.
 *
 * @param role the role that was granted
 * @param member the role it was granted to
 * @param grantor who granted it; empty for the bootstrap superuser and for a role that is gone
 * @param inherit whether the member has the role's rights at once; before PostgreSQL 16 an attribute of the member
 * @param set whether the member may SET ROLE to it; before PostgreSQL 16 always true
 */
public record Membership(
        String role, String member, Optional<String> grantor, boolean admin, boolean inherit, boolean set) {
    public Membership {
        Objects.requireNonNull(role);
        Objects.requireNonNull(member);
        Objects.requireNonNull(grantor);
    }
}
