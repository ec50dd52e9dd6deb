package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Who may SET or ALTER SYSTEM a configuration parameter: a row of pg_parameter_acl.
 *
 * @param parameter the parameter's name
 * @param acl the privileges in force, the bootstrap superuser's own among them
 */
public record ParameterPrivileges(String parameter, List<AclEntry> acl) {
    public ParameterPrivileges {
        Objects.requireNonNull(parameter);
        acl = List.copyOf(acl);
    }

    /** All parameters that somebody has been given rights on, by name; none before PostgreSQL 15. */
    public static List<ParameterPrivileges> list(Session session) {
        if (!session.version().isAtLeast(ServerVersion.V15)) {
            return List.of();
        }
        Map<Long, List<AclEntry>> acls =
                AclReader.read(session, "SELECT p.oid, p.paracl FROM pg_catalog.pg_parameter_acl AS p");
        // By the bytes of their names, whatever the database's collation.
        return session.list(
                "SELECT oid, parname FROM pg_catalog.pg_parameter_acl ORDER BY parname COLLATE \"C\"",
                row -> new ParameterPrivileges(row.getString(2), acls.getOrDefault(row.getLong(1), List.of())));
    }
}
