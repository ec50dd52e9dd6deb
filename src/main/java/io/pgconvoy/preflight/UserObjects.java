package io.pgconvoy.preflight;

import io.pgconvoy.model.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Asks catalogs for the objects that users made, and for their names. */
final class UserObjects {
    /** Holds for relations {@code c} in namespaces {@code n} that pg_dump writes, which leaves an extension's own ones out. */
    static final String RELATION =
            "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND " + notOfExtension("pg_class", "c.oid");

    private UserObjects() {}

    /** A condition: no extension made the object. */
    static String notOfExtension(String catalog, String oid) {
        return "NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = 'pg_catalog." + catalog
                + "'::regclass AND member.objid = " + oid + " AND member.deptype = 'e')";
    }

    /** The places that a query of one column names, each an object's kind and name. */
    static List<Place> places(SourceDatabase database, String query) throws SQLException {
        return column(database.connection(), query).stream()
                .map(object -> Place.of(database.name(), object))
                .toList();
    }

    /** The first column of a query's rows. */
    static List<String> column(Connection connection, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    /** The first column of a query's rows, as a set. */
    static Set<String> set(Connection connection, String query) throws SQLException {
        return new HashSet<>(column(connection, query));
    }

    /** The first column of the rows of a query with one parameter, an array of texts. */
    static List<String> column(Connection connection, String query, Set<String> parameter) throws SQLException {
        List<String> values = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setArray(1, connection.createArrayOf("text", parameter.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    values.add(row.getString(1));
                }
            }
        }
        return values;
    }
}
