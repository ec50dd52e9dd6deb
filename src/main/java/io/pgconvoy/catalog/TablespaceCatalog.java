package io.pgconvoy.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks a server for its tablespaces. */
public final class TablespaceCatalog {
    private TablespaceCatalog() {}

    /** The tablespaces that users made, by name: neither pg_default nor pg_global. */
    public static List<Tablespace> list(Connection connection) throws SQLException {
        Map<Long, List<AclEntry>> acls = AclReader.read(connection, """
                SELECT t.oid, COALESCE(t.spcacl, pg_catalog.acldefault('t', t.spcowner))
                FROM pg_catalog.pg_tablespace AS t
                """);
        Map<Long, Map<String, String>> options = options(connection);
        List<Tablespace> tablespaces = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query(statement))) {
            while (row.next()) {
                long oid = row.getLong(1);
                tablespaces.add(new Tablespace(
                        SharedText.name(row, 2),
                        SharedText.name(row, 3),
                        SharedText.name(row, 4),
                        options.getOrDefault(oid, Map.of()),
                        acls.getOrDefault(oid, List.of()),
                        SharedText.read(row, 5)));
            }
        }
        return List.copyOf(tablespaces);
    }

    private static String query(Statement statement) throws SQLException {
        return """
                SELECT t.oid, %s, %s, %s, %s
                FROM pg_catalog.pg_tablespace AS t
                WHERE t.spcname NOT IN ('pg_default', 'pg_global')
                ORDER BY t.spcname
                """.formatted(
                        SharedText.bytes(statement, "t.spcname"),
                        SharedText.bytes(statement, "pg_catalog.pg_get_userbyid(t.spcowner)"),
                        SharedText.bytes(statement, "pg_catalog.pg_tablespace_location(t.oid)"),
                        SharedText.bytes(statement, "pg_catalog.shobj_description(t.oid, 'pg_tablespace')"));
    }

    private static Map<Long, Map<String, String>> options(Connection connection) throws SQLException {
        String query = """
                SELECT t.oid, o.option_name, o.option_value
                FROM pg_catalog.pg_tablespace AS t, pg_catalog.pg_options_to_table(t.spcoptions) AS o
                """;
        Map<Long, Map<String, String>> options = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                options.computeIfAbsent(row.getLong(1), oid -> new LinkedHashMap<>())
                        .put(row.getString(2), row.getString(3));
            }
        }
        return options;
    }
}
