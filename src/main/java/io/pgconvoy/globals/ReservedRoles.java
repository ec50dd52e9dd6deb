package io.pgconvoy.globals;

import io.pgconvoy.catalog.ServerFacts;
import java.util.List;
import java.util.Set;

/**
 * Roles that are not ours to create or to change on a target.
 *
 * @see <a href="https://www.postgresql.org/docs/current/predefined-roles.html">PostgreSQL's predefined roles</a>
 */
public final class ReservedRoles {
    /** Amazon RDS and Aurora, Azure, Cloud SQL, AlloyDB, Google's agents; PostgreSQL's own first. */
    private static final List<String> PREFIXES = List.of("pg_", "rds_", "azure_", "cloudsql", "alloydb", "google_");

    private static final Set<String> NAMES =
            Set.of("rdsadmin", "rdsrepladmin", "rdstopmgr", "rdsproxyadmin", "rdswriteforwarduser", "azuresu");

    private ReservedRoles() {}

    /** Whether PostgreSQL or a managed service keeps this name for itself, on every server. */
    public static boolean isReserved(String name) {
        return NAMES.contains(name) || PREFIXES.stream().anyMatch(name::startsWith);
    }

    /** Whether this role of the target stays as it is: a reserved one, the one we are, and the one initdb made. */
    public static boolean isProtected(String name, ServerFacts target) {
        return isReserved(name) || name.equals(target.user()) || name.equals(target.bootstrapSuperuser());
    }
}
