package io.pgconvoy.verify.inventory;

/** Pieces of SQL that several questions to the catalogs share. Each is an expression over columns of the query it is in. */
final class CatalogSql {
    /** The schemas that users make: neither the server's own nor ours. */
    static final String USER_SCHEMA = "(n.nspname !~ '^(pg|pgconvoy)_' AND n.nspname <> 'information_schema')";

    /** The first OID of what users create (FirstNormalObjectId in the server's transam.h). */
    static final String USER_OID = "16384";

    private CatalogSql() {}

    /** A name quoted where it must be; unlike quote_ident() it quotes no keywords, which are others in each version. */
    static String name(String column) {
        return "(CASE WHEN %1$s ~ '^[a-z_][a-z0-9_$]*$' THEN %1$s::text".formatted(column)
                + " ELSE '\"' || replace(%s::text, '\"', '\"\"') || '\"' END)".formatted(column);
    }

    /** A name with its schema's. */
    static String qualified(String schema, String column) {
        return "(" + name(schema) + " || '.' || " + name(column) + ")";
    }

    /** A role's name. */
    static String role(String oid) {
        return name("pg_get_userbyid(" + oid + ")");
    }

    /** A word where the condition is true; null, so no attribute, where it is not. */
    static String yes(String condition) {
        return "CASE WHEN " + condition + " THEN 'yes' END";
    }

    /** The elements of a text array, sorted; null where there are none. */
    static String sorted(String array) {
        return ("CASE WHEN %1$s IS NOT NULL THEN (SELECT string_agg(u.e, ', ' ORDER BY u.e COLLATE \"C\")"
                        + " FROM unnest(%1$s) AS u(e)) END")
                .formatted(array);
    }

    /** A comment; {@code subId} is a column's number or 0. */
    static String comment(String catalog, String oid, String subId) {
        return "(SELECT z.description FROM pg_description AS z WHERE z.classoid = 'pg_catalog." + catalog
                + "'::regclass AND z.objoid = " + oid + " AND z.objsubid = " + subId + ")";
    }

    static String comment(String catalog, String oid) {
        return comment(catalog, oid, "0");
    }

    /** Whether no extension made the object. */
    static String notOfExtension(String catalog, String oid) {
        return "NOT " + depends(catalog, oid, "e");
    }

    /** Whether the object depends on another in this way. */
    static String depends(String catalog, String oid, String type) {
        return "EXISTS (SELECT FROM pg_depend AS y WHERE y.classid = 'pg_catalog." + catalog
                + "'::regclass AND y.objid = " + oid + " AND y.deptype = '" + type + "')";
    }

    /**
     * How an access control list differs from the privileges that such an object has by itself: {@code +SELECT to app,
     * -EXECUTE to PUBLIC}. Null where it does not. The owner is not named, so that another owner is one difference only.
     *
     * @param defaults an aclitem[]
     */
    static String privileges(String acl, String defaults, String owner) {
        return """
                CASE WHEN %1$s IS NOT NULL THEN
                    (SELECT string_agg(e.sign || e.entry, ', ' ORDER BY e.entry COLLATE "C")
                       FROM (SELECT '+' AS sign, g.entry FROM (%2$s EXCEPT %3$s) AS g
                             UNION ALL SELECT '-', r.entry FROM (%3$s EXCEPT %2$s) AS r) AS e)
                END""".formatted(acl, entries(acl, owner), entries(defaults, owner));
    }

    /** The same with the default privileges of a kind of object, as acldefault() names it. */
    static String privilegesOf(String kind, String acl, String owner) {
        return privileges(acl, "acldefault('" + kind + "'::\"char\", " + owner + ")", owner);
    }

    private static String entries(String acl, String owner) {
        return "SELECT a.privilege_type || ' to ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' WHEN a.grantee = " + owner
                + " THEN 'the owner' ELSE " + role("a.grantee")
                + " END || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END || CASE WHEN a.grantor <> "
                + owner + " THEN ' by ' || " + role("a.grantor") + " ELSE '' END AS entry FROM aclexplode(" + acl
                + ") AS a";
    }

    /** The types of an oidvector, separated by commas. */
    static String types(String vector) {
        return "COALESCE((SELECT string_agg(format_type(v.type, NULL), ', ' ORDER BY v.position) FROM unnest(" + vector
                + ") WITH ORDINALITY AS v(type, position)), '')";
    }

    /** A regproc's qualified name; null for none. */
    static String procedure(String oid) {
        return "(SELECT " + qualified("fn.nspname", "fp.proname") + " FROM pg_proc AS fp JOIN pg_namespace AS fn"
                + " ON fn.oid = fp.pronamespace WHERE fp.oid = " + oid + ")";
    }
}
