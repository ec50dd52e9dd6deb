package io.pgconvoy.catalog;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.ServerVersion;
import java.util.Objects;
import java.util.Optional;

/**
 * A setting that pg_db_role_setting attaches to a role, a database, a role in a database, or (both empty) to everybody.
 *
 * @param role empty for all roles
 * @param database empty for all databases
 * @param value as the catalog holds it: for a list of names (search_path), an already quoted list
 */
public record Setting(Optional<String> role, Optional<DatabaseName> database, String name, String value) {
    public Setting {
        Objects.requireNonNull(role);
        Objects.requireNonNull(database);
        Objects.requireNonNull(name);
        Objects.requireNonNull(value);
    }

    /**
     * What a server of a version calls a setting: an old name that it takes from a superuser, but stores under another one
     * (map_old_guc_names in its guc.c).
     */
    public static String nameOn(ServerVersion version, String name) {
        return version.isAtLeast(ServerVersion.V16) && name.equalsIgnoreCase("force_parallel_mode")
                ? "debug_parallel_query"
                : name;
    }

    /** Whether it is ALTER ROLE's, whatever the database. */
    public boolean isOfRole() {
        return role.isPresent() && database.isEmpty();
    }

    /** Whether it is ALTER ROLE ALL's. */
    public boolean isOfEverybody() {
        return role.isEmpty() && database.isEmpty();
    }

    /** Whether it is ALTER DATABASE's, or ALTER ROLE IN DATABASE's. */
    public boolean isIn(DatabaseName name) {
        return database.isPresent() && database.get().equals(name);
    }

    /** The same setting on a database of another name. */
    public Setting inDatabase(DatabaseName other) {
        return new Setting(role, Optional.of(other), name, value);
    }
}
