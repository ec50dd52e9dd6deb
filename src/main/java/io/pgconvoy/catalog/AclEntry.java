package io.pgconvoy.catalog;

import java.util.Objects;
import java.util.Optional;

/**
 * One privilege that somebody holds on an object, as aclexplode() shows it.
 *
 * @param grantor the role that gave it; {@code unknown (OID=n)} where that role is gone
 * @param grantee who holds it; empty for PUBLIC
 * @param privilege the keyword, such as {@code CONNECT} or {@code ALTER SYSTEM}
 * @param grantable whether the grantee may pass it on
 */
public record AclEntry(String grantor, Optional<String> grantee, String privilege, boolean grantable) {
    public AclEntry {
        Objects.requireNonNull(grantor);
        Objects.requireNonNull(grantee);
        if (!privilege.matches("[A-Z ]+")) {
            throw new IllegalArgumentException("not a privilege: " + privilege);
        }
    }

    /** Whether the other one is the same grantor's grant of the same privilege to the same grantee. */
    public boolean isSame(AclEntry other) {
        return grantor.equals(other.grantor) && grantee.equals(other.grantee) && privilege.equals(other.privilege);
    }

    /** Whether nothing of the other one is missing where this one is. */
    public boolean covers(AclEntry other) {
        return isSame(other) && (grantable || !other.grantable);
    }

    /** The same between servers where one role stands for another. */
    public AclEntry with(String role, String standIn) {
        return new AclEntry(
                grantor.equals(role) ? standIn : grantor,
                grantee.map(name -> name.equals(role) ? standIn : name),
                privilege,
                grantable);
    }
}
