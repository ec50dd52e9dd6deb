package io.pgconvoy.globals;

import io.pgconvoy.config.DatabaseName;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Databases that Amazon RDS, Cloud SQL, AlloyDB and Azure keep for themselves, and let no customer into. */
public final class ServiceDatabases {
    private static final Set<DatabaseName> NAMES = Stream.of(
                    "rdsadmin", "cloudsqladmin", "alloydbadmin", "alloydbmetadata", "azure_maintenance", "azure_sys")
            .map(DatabaseName::new)
            .collect(Collectors.toUnmodifiableSet());

    private ServiceDatabases() {}

    /** Whether a database is a service's own, by its name. */
    public static boolean contains(DatabaseName name) {
        return NAMES.contains(name);
    }
}
