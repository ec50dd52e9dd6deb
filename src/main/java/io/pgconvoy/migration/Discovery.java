package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.postgres.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which databases are to be moved.
 *
 * @param databases in the order in which they are begun
 * @param refusing databases that are selected but accept no connections, so that pg_dump cannot read them
 * @param all every database that the source has
 * @param warnings what stays behind though it holds something
 */
record Discovery(
        List<DatabaseProperties> databases,
        List<DatabaseProperties> refusing,
        List<DatabaseName> all,
        List<String> warnings) {
    private static final DatabaseName POSTGRES = new DatabaseName("postgres");
    private static final DatabaseName TEMPLATE0 = new DatabaseName("template0");
    private static final DatabaseName TEMPLATE1 = new DatabaseName("template1");

    /** What Amazon RDS, Cloud SQL, AlloyDB and Azure keep for themselves, and let no customer into. */
    private static final Set<DatabaseName> OF_A_SERVICE = Stream.of(
                    "rdsadmin", "cloudsqladmin", "alloydbadmin", "alloydbmetadata", "azure_maintenance", "azure_sys")
            .map(DatabaseName::new)
            .collect(Collectors.toUnmodifiableSet());

    Discovery {
        databases = List.copyOf(databases);
        refusing = List.copyOf(refusing);
        all = List.copyOf(all);
        warnings = List.copyOf(warnings);
    }

    /** Asks the source. */
    static Discovery of(Server source, DatabaseSelection selection) {
        List<DatabaseProperties> all = list(source);
        List<DatabaseProperties> chosen = new ArrayList<>();
        List<DatabaseProperties> refusing = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (DatabaseProperties database : all) {
            DatabaseName name = database.name();
            if (database.isInvalid()) {
                warnings.add("database \"" + name + "\" is left behind: an interrupted DROP DATABASE made it unusable");
            } else if (OF_A_SERVICE.contains(name) && !selection.asksFor(name)) {
                warnings.add(
                        "database \"" + name + "\" is left behind: by its name it is a managed service's own; ask for"
                                + " it by --include-db if it is yours");
            } else if (name.equals(TEMPLATE1)) {
                if (holdsUserObjects(source, name)) {
                    warnings.add("template1 holds user objects, which are not carried over: new databases on the target"
                            + " will not have them");
                }
            } else if (!name.equals(TEMPLATE0) && selection.selects(name)) {
                if (!database.allowsConnections()) {
                    refusing.add(database);
                } else if (!name.equals(POSTGRES) || selection.asksFor(name) || holdsUserObjects(source, name)) {
                    chosen.add(database);
                }
            }
        }
        chosen.sort(comparator(selection.order()));
        return new Discovery(
                chosen, refusing, all.stream().map(DatabaseProperties::name).toList(), warnings);
    }

    /** Why a database that accepts no connections is not moved, and what to do. */
    static String refusal(DatabaseProperties database) {
        return "database \"" + database.name() + "\" accepts no connections (datallowconn is false), so it cannot be"
                + " dumped -- ALTER DATABASE ... ALLOW_CONNECTIONS true on the source, or --exclude-db";
    }

    private static Comparator<DatabaseProperties> comparator(DatabaseOrder order) {
        Comparator<DatabaseProperties> bySize = Comparator.comparing(DatabaseProperties::size);
        return switch (order) {
            case SIZE_ASC -> bySize.thenComparing(DatabaseProperties::name);
            case SIZE_DESC -> bySize.reversed().thenComparing(DatabaseProperties::name);
        };
    }

    private static List<DatabaseProperties> list(Server source) {
        try (Connection connection = source.open()) {
            return DatabaseCatalog.list(connection, source.version());
        } catch (SQLException failure) {
            throw source.failure(source.endpoint().database(), "listing databases", failure);
        }
    }

    private static boolean holdsUserObjects(Server source, DatabaseName name) {
        try (Connection connection = source.open(name)) {
            return TableCatalog.holdsUserObjects(connection);
        } catch (SQLException failure) {
            throw source.failure(name, "looking for user objects", failure);
        }
    }
}
