package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Session;
import java.util.List;

/**
 * A security label on a role, a database or a tablespace.
 *
 * @param kind {@code role}, {@code database} or {@code tablespace}
 * @param provider the module that understands it, such as {@code selinux}
 */
public record SecurityLabel(String kind, String object, String provider, String label) {
    /** All labels of objects that belong to no single database. */
    public static List<SecurityLabel> list(Session session) {
        String sql = """
                SELECT CASE WHEN r.oid IS NOT NULL THEN 'role' WHEN d.oid IS NOT NULL THEN 'database'
                            ELSE 'tablespace' END,
                       %s, %s, %s
                FROM pg_catalog.pg_shseclabel AS l
                LEFT JOIN pg_catalog.pg_roles AS r
                    ON r.oid = l.objoid AND l.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                LEFT JOIN pg_catalog.pg_database AS d
                    ON d.oid = l.objoid AND l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
                LEFT JOIN pg_catalog.pg_tablespace AS t
                    ON t.oid = l.objoid AND l.classoid = 'pg_catalog.pg_tablespace'::pg_catalog.regclass
                WHERE COALESCE(r.rolname, d.datname, t.spcname) IS NOT NULL
                ORDER BY 1, 2, 3
                """.formatted(
                        SharedText.bytes(session, "COALESCE(r.rolname, d.datname, t.spcname)"),
                        SharedText.bytes(session, "l.provider"),
                        SharedText.bytes(session, "l.label"));
        return session.list(
                sql,
                row -> new SecurityLabel(
                        row.getString(1), SharedText.name(row, 2), SharedText.name(row, 3), SharedText.name(row, 4)));
    }
}
