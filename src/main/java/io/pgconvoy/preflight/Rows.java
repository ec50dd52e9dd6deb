package io.pgconvoy.preflight;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Short questions to a server. */
final class Rows {
    private Rows() {}

    /** Makes something of one row. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /**
     * All rows of a query.
     *
     * @param parameters for its question marks; a list of texts or a {@code Long[]} becomes an array
     */
    static <T> List<T> list(Connection connection, String sql, Reader<T> reader, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                bind(connection, statement, i + 1, parameters[i]);
            }
            List<T> all = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    all.add(reader.read(row));
                }
            }
            return all;
        }
    }

    /** The first column of a query's rows as text, without nulls. */
    static List<String> texts(Connection connection, String sql, Object... parameters) throws SQLException {
        return list(connection, sql, row -> Optional.ofNullable(row.getString(1)), parameters).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** The first column of a query's first row; empty where it is null, or where there is none. */
    static Optional<String> text(Connection connection, String sql, Object... parameters) throws SQLException {
        return texts(connection, sql, parameters).stream().findFirst();
    }

    /** A query's one number; 0 where it is null. */
    static long number(Connection connection, String sql, Object... parameters) throws SQLException {
        return list(connection, sql, row -> row.getLong(1), parameters).get(0);
    }

    /** A query's one truth; false where it is null. */
    static boolean flag(Connection connection, String sql, Object... parameters) throws SQLException {
        return list(connection, sql, row -> row.getBoolean(1), parameters).get(0);
    }

    private static void bind(Connection connection, PreparedStatement statement, int index, Object parameter)
            throws SQLException {
        if (parameter instanceof List<?> texts) {
            statement.setArray(index, connection.createArrayOf("text", texts.toArray()));
        } else if (parameter instanceof Long[] numbers) {
            statement.setArray(index, connection.createArrayOf("bigint", numbers));
        } else {
            statement.setObject(index, parameter);
        }
    }
}
