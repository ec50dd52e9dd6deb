package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Session;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks a server for its tablespaces. */
public final class TablespaceCatalog {
    private TablespaceCatalog() {}

    /** The tablespaces that users made, by name: neither pg_default nor pg_global. */
    public static List<Tablespace> list(Session session) {
        Map<Long, List<AclEntry>> acls = AclReader.read(session, """
                SELECT t.oid, COALESCE(t.spcacl, pg_catalog.acldefault('t', t.spcowner))
                FROM pg_catalog.pg_tablespace AS t
                """);
        Map<Long, Map<String, String>> options = new HashMap<>();
        session.each(
                """
                SELECT t.oid, o.option_name, o.option_value
                FROM pg_catalog.pg_tablespace AS t, pg_catalog.pg_options_to_table(t.spcoptions) AS o
                """,
                row -> options.computeIfAbsent(row.getLong(1), oid -> new LinkedHashMap<>())
                        .put(row.getString(2), row.getString(3)));
        String sql = """
                SELECT t.oid, %s, %s, %s, %s
                FROM pg_catalog.pg_tablespace AS t
                WHERE t.spcname NOT IN ('pg_default', 'pg_global')
                ORDER BY t.spcname
                """.formatted(
                        SharedText.bytes(session, "t.spcname"),
                        SharedText.bytes(session, "pg_catalog.pg_get_userbyid(t.spcowner)"),
                        SharedText.bytes(session, "pg_catalog.pg_tablespace_location(t.oid)"),
                        SharedText.bytes(session, "pg_catalog.shobj_description(t.oid, 'pg_tablespace')"));
        return session.list(
                sql,
                row -> new Tablespace(
                        SharedText.name(row, 2),
                        SharedText.name(row, 3),
                        SharedText.name(row, 4),
                        options.getOrDefault(row.getLong(1), Map.of()),
                        acls.getOrDefault(row.getLong(1), List.of()),
                        SharedText.read(row, 5)));
    }
}
