package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

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
    public static List<ParameterPrivileges> list(Connection connection, ServerVersion version) throws SQLException {
        if (!version.isAtLeast(ServerVersion.V15)) {
            return List.of();
        }
        Map<Long, List<AclEntry>> acls =
                AclReader.read(connection, "SELECT p.oid, p.paracl FROM pg_catalog.pg_parameter_acl AS p");
        Map<String, List<AclEntry>> byName = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT oid, parname FROM pg_catalog.pg_parameter_acl")) {
            while (row.next()) {
                byName.put(row.getString(2), acls.getOrDefault(row.getLong(1), List.of()));
            }
        }
        return byName.entrySet().stream()
                .map(entry -> new ParameterPrivileges(entry.getKey(), entry.getValue()))
                .toList();
    }
}
