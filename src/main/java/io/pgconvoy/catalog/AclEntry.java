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
}
