package io.pgconvoy.catalog;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.OpenMark;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a server for its databases. */
public final class DatabaseCatalog {
    private DatabaseCatalog() {}

    /**
     * All databases by name: templates, those that refuse connections and half deleted ones are among them. What a run of
     * this program, this one or another, holds open just now counts as it was before.
     */
    public static List<DatabaseProperties> list(Connection connection, ServerVersion version) throws SQLException {
        Map<Long, List<AclEntry>> acls = AclReader.read(connection, """
                SELECT d.oid, COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))
                FROM pg_catalog.pg_database AS d
                """);
        // Before and after, since it may be opened or closed in between.
        Map<Long, Integer> limitsBefore = new HashMap<>(OpenMark.limitsBefore(connection));
        List<DatabaseProperties> databases = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query(statement, version))) {
            while (row.next()) {
                databases.add(properties(
                        row,
                        SharedText.name(row, row.findColumn("datname")),
                        acls.getOrDefault(row.getLong("oid"), List.of())));
            }
        }
        limitsBefore.putAll(OpenMark.limitsBefore(connection));
        return databases.stream()
                .map(database -> Optional.ofNullable(limitsBefore.get(database.oid()))
                        .map(limit -> database.withConnections(false, limit))
                        .orElse(database))
                .toList();
    }

    private static DatabaseProperties properties(ResultSet row, String name, List<AclEntry> acl) throws SQLException {
        return new DatabaseProperties(
                new DatabaseName(name),
                row.getLong("oid"),
                new ByteSize(row.getLong("size")),
                SharedText.name(row, row.findColumn("owner")),
                row.getString("encoding"),
                row.getString("datcollate"),
                row.getString("datctype"),
                LocaleProvider.ofCatalog(row.getString("provider")),
                Optional.ofNullable(row.getString("locale")),
                Optional.ofNullable(row.getString("icu_rules")),
                SharedText.name(row, row.findColumn("spcname")),
                row.getInt("datconnlimit"),
                row.getBoolean("datistemplate"),
                row.getBoolean("datallowconn"),
                acl,
                SharedText.read(row, "comment"));
    }

    private static String query(Statement statement, ServerVersion version) throws SQLException {
        String locale = "NULL";
        if (version.isAtLeast(ServerVersion.V17)) {
            locale = "d.datlocale";
        } else if (version.isAtLeast(ServerVersion.V15)) {
            locale = "d.daticulocale";
        }
        // pg_database_size() is an error, not a null, for who may not connect; members of this role always may ask.
        String statistician =
                version.isAtLeast(ServerVersion.V10) ? "OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')" : "";
        return """
        SELECT d.oid, %s AS datname, d.datcollate, d.datctype, d.datconnlimit, d.datistemplate, d.datallowconn,
               %s AS owner,
               pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
               %s AS provider,
               %s AS locale,
               %s AS icu_rules,
               %s AS spcname,
               %s AS comment,
               CASE WHEN d.datconnlimit <> -2
                         AND (pg_catalog.has_database_privilege(d.oid, 'CONNECT') %s)
                    THEN pg_catalog.pg_database_size(d.oid) END AS size
        FROM pg_catalog.pg_database AS d
        JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
        ORDER BY d.datname
        """.formatted(
                        SharedText.bytes(statement, "d.datname"),
                        SharedText.bytes(statement, "pg_catalog.pg_get_userbyid(d.datdba)"),
                        version.isAtLeast(ServerVersion.V15) ? "d.datlocprovider" : "'c'",
                        locale,
                        version.isAtLeast(ServerVersion.V16) ? "d.daticurules" : "NULL",
                        SharedText.bytes(statement, "t.spcname"),
                        SharedText.bytes(statement, "pg_catalog.shobj_description(d.oid, 'pg_database')"),
                        statistician);
    }
}
