package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What the connected user may not read of one database, though a dump needs it.
 *
 * @param rows each makes pg_dump, or the count after it, fail: {@code table "s"."t" (no SELECT)}
 * @param details each is silently missing in a dump, in a sentence
 */
public record Unreadable(List<String> rows, List<String> details) {
    public Unreadable {
        rows = List.copyOf(rows);
        details = List.copyOf(details);
    }

    /** Asks, by a connection to that database. */
    public static Unreadable in(Connection connection, ServerVersion version) throws SQLException {
        List<String> rows = new ArrayList<>();
        List<String> details = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            relations(statement, rows);
            largeObjects(statement, rows);
            userMappings(statement, details);
            if (version.isAtLeast(ServerVersion.V10)) {
                subscriptions(statement, details);
            }
        }
        return new Unreadable(rows, details);
    }

    /** What pg_dump locks, reads or what is counted: tables, populated materialized views, sequences. */
    private static void relations(Statement statement, List<String> rows) throws SQLException {
        String sql = """
                SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
                       n.nspname, c.relname,
                       CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN 'no USAGE of its schema'
                            WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'no SELECT'
                            ELSE 'row-level security' END
                  FROM pg_class AS c
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE (c.relkind IN ('r', 'p', 'S') OR c.relkind = 'm' AND c.relispopulated)
                   AND c.relpersistence <> 't'
                   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                   AND (EXISTS (SELECT FROM pg_extension AS e WHERE c.oid = ANY (e.extconfig))
                        OR NOT EXISTS (SELECT FROM pg_depend AS d
                                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
                   AND (NOT has_schema_privilege(n.oid, 'USAGE')
                        OR NOT has_table_privilege(c.oid, 'SELECT')
                        OR c.relkind = 'r' AND row_security_active(c.oid))
                 ORDER BY 2, 3
                """;
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1) + " " + Sql.qualified(row.getString(2), row.getString(3)) + " ("
                        + row.getString(4) + ")");
            }
        }
    }

    /** Before 18 there is no function to ask, and pg_read_all_data does not reach them. */
    private static void largeObjects(Statement statement, List<String> rows) throws SQLException {
        String sql = """
                SELECT o.oid
                  FROM pg_largeobject_metadata AS o
                 WHERE current_setting('lo_compat_privileges') = 'off'
                   AND NOT pg_has_role(o.lomowner, 'USAGE')
                   AND NOT EXISTS (
                        SELECT FROM aclexplode(o.lomacl) AS a
                         WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
                 ORDER BY 1
                """;
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add("large object " + row.getString(1) + " (no SELECT)");
            }
        }
    }

    private static void userMappings(Statement statement, List<String> details) throws SQLException {
        String sql = """
                SELECT m.usename, m.srvname
                  FROM pg_user_mappings AS m JOIN pg_foreign_server AS s ON s.oid = m.srvid
                 WHERE m.umoptions IS NULL
                   AND NOT (CASE WHEN m.umuser = 0 THEN pg_has_role(s.srvowner, 'USAGE')
                                 ELSE m.usename = session_user END)
                 ORDER BY 2, 1
                """;
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                details.add("user mapping of " + Sql.identifier(row.getString(1)) + " on server "
                        + Sql.identifier(row.getString(2))
                        + ": its options, such as a password, are left out, since the source's user may not read them;"
                        + " set them on the target by ALTER USER MAPPING");
            }
        }
    }

    private static void subscriptions(Statement statement, List<String> details) throws SQLException {
        String sql = """
                SELECT s.subname FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
                 WHERE d.datname = current_database() ORDER BY 1
                """;
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                details.add("subscription " + Sql.identifier(row.getString(1))
                        + " is left out, since only a superuser may dump it; create it on the target if it is to go on"
                        + " there");
            }
        }
    }
}
