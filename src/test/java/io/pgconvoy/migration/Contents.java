package io.pgconvoy.migration;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a database holds besides its schema, in a form that is equal for equal contents on any version of the server. */
final class Contents {
    /** Nothing that a database or a role has set may change how a value reads. */
    private static final String PINNED = """
            SET ROLE NONE; SET search_path = pg_catalog; SET row_security = off; SET statement_timeout = 0;
            SET lock_timeout = 0; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres; SET TimeZone = 'UTC';
            SET bytea_output = hex; SET lc_monetary = 'C'; SET xmloption = content; SET standard_conforming_strings = on;
            SET extra_float_digits = 0
            """;

    private Contents() {}

    /** Rows of tables and materialized views, values of sequences, large objects: what it is to what it holds. */
    static Map<String, String> of(EmbeddedServer server, String database) throws SQLException {
        Map<String, String> contents = new TreeMap<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(PINNED);
            for (List<String> relation : rows(statement, """
                    SELECT n.nspname, c.relname, c.relkind,
                           (SELECT string_agg(' || ' || CASE a.atttypid WHEN 'float8'::regtype THEN 'float8send' ELSE 'float4send' END
                                || '(COALESCE("~".' || quote_ident(a.attname) || ', 0))::text', '' ORDER BY a.attnum)
                              FROM pg_attribute a
                             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                               AND a.atttypid IN ('float8'::regtype, 'float4'::regtype))
                      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE (c.relkind IN ('r', 'S') OR c.relkind = 'm' AND c.relispopulated OR c.relname = 'shaded_1')
                       AND c.relname !~ '^shaded_1_'
                       AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                    """)) {
                String name = Quote.identifier(relation.get(0)) + "." + Quote.identifier(relation.get(1));
                contents.put(name, rows(statement, query(name, relation)).get(0).toString());
            }
            contents.put("large objects", rows(statement, """
                    SELECT oid, pg_get_userbyid(lomowner), lomacl::text, md5(lo_get(oid)),
                           obj_description(oid, 'pg_largeobject')
                      FROM pg_largeobject_metadata ORDER BY oid
                    """).toString());
        }
        return contents;
    }

    private static String query(String name, List<String> relation) {
        if (relation.get(2).equals("S")) {
            return "SELECT last_value, is_called FROM " + name;
        }
        // Floats as text are rounded here, since servers from 12 on print them differently: hence their binary form,
        // too.
        String floats = relation.get(3) == null ? "" : relation.get(3);
        return "SELECT count(*), md5(string_agg(r, E'\\n' ORDER BY r COLLATE \"C\"))"
                // A point prints like this before 9.6.
                + " FROM (SELECT replace(\"~\"::text, '(nan,inf)', '(NaN,Infinity)')" + floats + " AS r FROM "
                // An enum's hash is another one after a restore: its partitions share the same rows in another way.
                + (relation.get(2).equals("p") ? "" : "ONLY ") + name + " AS \"~\") AS rows";
    }

    private static List<List<String>> rows(Statement statement, String query) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getString(column));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
