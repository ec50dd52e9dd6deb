package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes access control lists apart, by the server's own aclexplode(). */
final class AclReader {
    private AclReader() {}

    /**
     * The privileges by the object's OID; an object that nobody has rights on is absent.
     *
     * @param objects a query for pairs of OID and aclitem[], the default ACL already in place of a null
     */
    static Map<Long, List<AclEntry>> read(Session session, String objects) {
        Map<Long, List<AclEntry>> entries = new HashMap<>();
        session.each(
                query(session, objects),
                row -> entries.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                        .add(new AclEntry(
                                SharedText.name(row, 2),
                                SharedText.read(row, 3),
                                row.getString(4),
                                row.getBoolean(5))));
        return entries;
    }

    private static String query(Session session, String objects) {
        return """
                SELECT o.id, %s, CASE WHEN a.grantee <> 0 THEN %s END,
                       a.privilege_type, a.is_grantable
                FROM (%s) AS o (id, acl),
                     pg_catalog.aclexplode(o.acl) WITH ORDINALITY
                         AS a (grantor, grantee, privilege_type, is_grantable, position)
                ORDER BY o.id, a.position
                """.formatted(
                        SharedText.bytes(session, "pg_catalog.pg_get_userbyid(a.grantor)"),
                        SharedText.bytes(session, "pg_catalog.pg_get_userbyid(a.grantee)"),
                        objects);
    }
}
