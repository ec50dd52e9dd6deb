package io.pgconvoy.transfer;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What belongs to indexes but is not in their definitions, as statements that may be repeated. Comments are not among
 * it: they have archive entries of their own. Immutable.
 */
final class IndexProperties {
    private final Map<Long, List<String>> statements;

    private IndexProperties(Map<Long, List<String>> statements) {
        this.statements = statements;
    }

    /** Reads those of all indexes of these tables. */
    static IndexProperties read(Connection connection, ServerVersion source, Long[] tables) throws SQLException {
        Map<Long, List<String>> statements = new HashMap<>();
        String sql = """
                SELECT x.indexrelid, n.nspname, t.relname, c.relname, x.indisclustered, x.indisreplident
                  FROM pg_catalog.pg_index x
                  JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                  JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
                 WHERE x.indrelid = ANY (?::pg_catalog.int8[]::pg_catalog.oid[]) AND (x.indisclustered OR x.indisreplident)
                """;
        each(connection, sql, tables, row -> {
            String table = Sql.qualified(row.getString(2), row.getString(3));
            String index = Sql.identifier(row.getString(4));
            if (row.getBoolean(5)) {
                add(statements, row.getLong(1), "ALTER TABLE " + table + " CLUSTER ON " + index);
            }
            if (row.getBoolean(6)) {
                add(statements, row.getLong(1), "ALTER TABLE " + table + " REPLICA IDENTITY USING INDEX " + index);
            }
        });
        if (source.isAtLeast(ServerVersion.V11)) {
            // The default is -1 before 17, and null since then.
            String targets = """
                    SELECT x.indexrelid, n.nspname, c.relname, a.attnum, a.attstattarget
                      FROM pg_catalog.pg_index x
                      JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
                     WHERE x.indrelid = ANY (?::pg_catalog.int8[]::pg_catalog.oid[]) AND a.attstattarget >= 0
                     ORDER BY a.attnum
                    """;
            each(connection, targets, tables, row -> {
                String index = Sql.qualified(row.getString(2), row.getString(3));
                String column = " ALTER COLUMN " + row.getInt(4) + " SET STATISTICS " + row.getInt(5);
                add(statements, row.getLong(1), "ALTER INDEX " + index + column);
            });
        }
        String extensions = """
                SELECT x.indexrelid, n.nspname, c.relname, e.extname
                  FROM pg_catalog.pg_index x
                  JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                             AND d.objid = c.oid AND d.deptype = 'x'
                  JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                                                AND e.oid = d.refobjid
                 WHERE x.indrelid = ANY (?::pg_catalog.int8[]::pg_catalog.oid[])
                """;
        each(connection, extensions, tables, row -> {
            String index = Sql.qualified(row.getString(2), row.getString(3));
            String extension = Sql.identifier(row.getString(4));
            add(statements, row.getLong(1), "ALTER INDEX " + index + " DEPENDS ON EXTENSION " + extension);
        });
        return new IndexProperties(statements);
    }

    /** An index's, by its OID. */
    List<String> of(long index) {
        return statements.getOrDefault(index, List.of());
    }

    /** Takes one row. */
    @FunctionalInterface
    interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    /** Takes every row of a query whose one parameter is an array of tables' OIDs. */
    static void each(Connection connection, String sql, Long[] tables, RowTaker taker) throws SQLException {
        Array oids = connection.createArrayOf("int8", tables);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, oids);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    taker.take(row);
                }
            }
        } finally {
            oids.free();
        }
    }

    private static void add(Map<Long, List<String>> statements, long index, String statement) {
        statements.computeIfAbsent(index, none -> new ArrayList<>()).add(statement);
    }
}
