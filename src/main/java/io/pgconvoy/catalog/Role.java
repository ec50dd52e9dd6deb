package io.pgconvoy.catalog;

import io.pgconvoy.config.Secret;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A role, user or group.
 *
 * @param oid below 16384 for roles that came with the server
 * @param connectionLimit -1 for none
 * @param validUntil when the password ends, in UTC and as PostgreSQL prints it, also {@code infinity}
 * @param password what pg_authid holds: a hash or, before PostgreSQL 10, possibly the password itself; empty also where
 *     {@link RoleCatalog.Roles#passwordsReadable} is false
 */
public record Role(
        long oid,
        String name,
        Set<RoleFlag> flags,
        int connectionLimit,
        Optional<String> validUntil,
        Optional<Secret> password,
        Optional<String> comment) {
    /** The OID of the role that initdb made, whatever it is called. */
    public static final long BOOTSTRAP_SUPERUSER = 10;

    /** The first OID that is given to what users create (FirstNormalObjectId in the server's transam.h). */
    private static final long FIRST_USER_OID = 16384;

    public Role {
        Objects.requireNonNull(name);
        flags = Set.copyOf(flags);
        Objects.requireNonNull(validUntil);
        Objects.requireNonNull(password);
        Objects.requireNonNull(comment);
    }

    public boolean has(RoleFlag flag) {
        return flags.contains(flag);
    }

    /** Whether a user created it, rather than initdb. */
    public boolean isUserMade() {
        return oid >= FIRST_USER_OID;
    }
}
