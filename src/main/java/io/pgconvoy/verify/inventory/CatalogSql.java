package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pieces of SQL that several questions to the catalogs share. Each is an expression over columns of the query it is in. In
 * a template a piece stands in braces: {@code {role c.relowner}}, {@code {since 14: s.subbinary}}, which is {@code NULL}
 * before that version, or {@code {since 11: p.prokind = 'w' otherwise p.proiswindow}}.
 */
final class CatalogSql {
    /** The schemas that users make: neither the server's own nor ours. */
    static final String USER_SCHEMA = "(n.nspname !~ '^(pg|pgconvoy)_' AND n.nspname <> 'information_schema')";

    /** The OIDs of these, for conditions: each is looked at as a catalog is read, before anything is joined. */
    static final String THEIRS =
            "theirs AS (SELECT array_agg(n.oid) AS schemas FROM pg_namespace AS n WHERE " + USER_SCHEMA + ")";

    /** The first OID of what users create (FirstNormalObjectId in the server's transam.h). */
    private static final String USER_OID = "16384";

    private static final Pattern PIECE = Pattern.compile("\\{([a-z_]+)([^{}]*)}");
    private static final Pattern SINCE =
            Pattern.compile("(\\d+)(?:\\.(\\d))?:(.*?)(?:\\s+otherwise (.*))?", Pattern.DOTALL);

    private static final String RELATION_KIND = """
            CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                           WHEN 'S' THEN 'sequence' ELSE 'table' END""";

    private static final String ROUTINE_KIND = """
            {since 11: CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END
             otherwise CASE WHEN p.proisagg THEN 'aggregate' ELSE 'function' END}""";

    /** The columns and functions that each view reads: {@code ev_class} is the view, {@code name} one of them. */
    private static final String REFERENCES = """
            (SELECT w.ev_class,
                    CASE d.refclassid
                        WHEN 'pg_catalog.pg_class'::regclass THEN
                            (SELECT {qualified fn.nspname fc.relname} || '.' || {name fa.attname} FROM pg_class AS fc
                               JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
                               JOIN pg_attribute AS fa ON fa.attrelid = fc.oid AND fa.attnum = d.refobjsubid
                              WHERE fc.oid = d.refobjid)
                        ELSE {procedure d.refobjid} END COLLATE "C" AS name
               FROM pg_rewrite AS w
               JOIN pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
              WHERE w.rulename = '_RETURN' AND d.deptype = 'n'
                AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
                         AND d.refobjid <> w.ev_class
                     OR d.refclassid = 'pg_catalog.pg_proc'::regclass))""";

    /** The trigger that {@code g}, a partition's, is a copy of. */
    private static final String COPIED_TRIGGER = """
            SELECT FROM pg_depend AS d JOIN pg_trigger AS up ON up.oid = d.refobjid
             WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = g.oid
               AND d.refclassid = 'pg_catalog.pg_trigger'::regclass""";

    private CatalogSql() {}

    /** A question as a version takes it. */
    static String expand(String template, ServerVersion version) {
        String sql = template;
        for (Matcher piece = PIECE.matcher(sql); piece.find(); piece = PIECE.matcher(sql)) {
            // The innermost ones first.
            sql = piece.replaceAll(found -> Matcher.quoteReplacement(
                    piece(found.group(1), found.group(2).strip(), version)));
        }
        return sql;
    }

    private static String piece(String name, String text, ServerVersion version) {
        String[] parts = text.split(name.equals("acl") ? ";\\s+" : " ", -1);
        return switch (name) {
            case "since" -> since(text, version);
            case "user_schema" -> USER_SCHEMA;
            case "is_theirs" -> isTheirs(text);
            case "any" -> any(text, "true");
            case "made" -> any(text, "oid >= " + USER_OID);
            case "theirs" -> any(parts[0], isTheirs(parts[1]));
            case "relations" -> any("pg_class", "relkind IN (" + text + ") AND " + isTheirs("relnamespace"));
            case "user_oid" -> USER_OID;
            case "own" -> notOfExtension(parts[0], parts[1]);
            case "depends" -> depends(parts[0], parts[1], parts[2]);
            case "name" -> name(text);
            case "qualified" -> qualified(parts[0], parts[1]);
            case "role" -> name("pg_get_userbyid(" + text + ")");
            case "yes" -> yes(text);
            case "sorted" -> sorted(text);
            case "comment" -> comment(parts[0], parts[1]);
            case "acl" -> privileges(parts[0], parts[1], parts[2]);
            case "privileges" ->
                privileges(parts[1], "acldefault('" + parts[0] + "'::\"char\", " + parts[2] + ")", parts[2]);
            case "types" -> types(text);
            case "procedure" -> procedure(text);
            case "secret" -> secretOptions(text);
            case "routine" -> routine();
            case "relation_kind" -> RELATION_KIND;
            case "routine_kind" -> ROUTINE_KIND;
            case "copied_trigger" -> COPIED_TRIGGER;
            case "references" -> REFERENCES;
            default -> throw new IllegalArgumentException("no piece of SQL is called " + name);
        };
    }

    private static String any(String catalog, String condition) {
        return "EXISTS (SELECT FROM " + catalog + " WHERE " + condition + ")";
    }

    /** Whether a schema's OID is one of {@link #THEIRS}. */
    private static String isTheirs(String schema) {
        return schema + " = ANY ((SELECT schemas FROM theirs)::oid[])";
    }

    private static String since(String text, ServerVersion version) {
        Matcher parts = SINCE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(text);
        }
        int major = Integer.parseInt(parts.group(1));
        int first = parts.group(2) == null ? major * 10_000 : major * 10_000 + Integer.parseInt(parts.group(2)) * 100;
        return version.isAtLeast(new ServerVersion(first))
                ? parts.group(3).strip()
                : Objects.requireNonNullElse(parts.group(4), "NULL");
    }

    /** A function's or a procedure's name and types. */
    static String routine() {
        return qualified("n.nspname", "p.proname") + " || '(' || " + types("p.proargtypes") + " || ')'";
    }

    /** The same references as something to select from, for a version's twins of views. */
    static String references(ServerVersion version) {
        return expand(REFERENCES, version);
    }

    /** For {@link Secrets}, which forgets the values. */
    private static String secretOptions(String options) {
        return "CASE WHEN %1$s IS NOT NULL THEN (SELECT string_agg(o.option_name || '=' || o.option_value, chr(1)"
                        .formatted(options)
                + " ORDER BY o.option_name COLLATE \"C\") FROM pg_options_to_table(%s) AS o) END".formatted(options);
    }

    /** A name quoted where it must be; unlike quote_ident() it quotes no keywords, which are others in each version. */
    static String name(String column) {
        return "(CASE WHEN %1$s ~ '^[a-z_][a-z0-9_$]*$' THEN %1$s::text".formatted(column)
                + " ELSE '\"' || replace(%s::text, '\"', '\"\"') || '\"' END)".formatted(column);
    }

    /** A name with its schema's. */
    static String qualified(String schema, String column) {
        return "(" + name(schema) + " || '.' || " + name(column) + ")";
    }

    /** A word where the condition is true; null, so no attribute, where it is not. */
    static String yes(String condition) {
        return "CASE WHEN " + condition + " THEN 'yes' END";
    }

    /** The elements of a text array, sorted; null where there are none. */
    private static String sorted(String array) {
        return ("CASE WHEN %1$s IS NOT NULL THEN (SELECT string_agg(u.e, ', ' ORDER BY u.e COLLATE \"C\")"
                        + " FROM unnest(%1$s) AS u(e)) END")
                .formatted(array);
    }

    private static String comment(String catalog, String oid) {
        return "(SELECT z.description FROM pg_description AS z WHERE z.classoid = 'pg_catalog." + catalog
                + "'::regclass AND z.objoid = " + oid + " AND z.objsubid = 0)";
    }

    /** Whether no extension made the object. */
    static String notOfExtension(String catalog, String oid) {
        return "NOT " + depends(catalog, oid, "e");
    }

    /** Whether the object depends on another in this way. */
    private static String depends(String catalog, String oid, String type) {
        return "EXISTS (SELECT FROM pg_depend AS y WHERE y.classid = 'pg_catalog." + catalog
                + "'::regclass AND y.objid = " + oid + " AND y.deptype = '" + type + "')";
    }

    /**
     * How an access control list differs from the privileges that such an object has by itself: {@code +SELECT to app,
     * -EXECUTE to PUBLIC}. Null where it does not. The owner is not named, so that another owner is one difference only.
     *
     * @param defaults an aclitem[]
     */
    private static String privileges(String acl, String defaults, String owner) {
        return """
                CASE WHEN %1$s IS NOT NULL THEN
                    (SELECT string_agg(e.sign || e.entry, ', ' ORDER BY e.entry COLLATE "C")
                       FROM (SELECT '+' AS sign, g.entry FROM (%2$s EXCEPT %3$s) AS g
                             UNION ALL SELECT '-', r.entry FROM (%3$s EXCEPT %2$s) AS r) AS e)
                END""".formatted(acl, entries(acl, owner), entries(defaults, owner));
    }

    private static String entries(String acl, String owner) {
        return "SELECT a.privilege_type || ' to ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' WHEN a.grantee = " + owner
                + " THEN 'the owner' ELSE " + name("pg_get_userbyid(a.grantee)")
                + " END || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END || CASE WHEN a.grantor <> "
                + owner + " THEN ' by ' || " + name("pg_get_userbyid(a.grantor)")
                + " ELSE '' END AS entry FROM aclexplode(" + acl
                + ") AS a";
    }

    /** The types of an oidvector, separated by commas. */
    static String types(String vector) {
        return "COALESCE((SELECT string_agg(format_type(v.type, NULL), ', ' ORDER BY v.position) FROM unnest(" + vector
                + ") WITH ORDINALITY AS v(type, position)), '')";
    }

    /** A regproc's qualified name; null for none. */
    private static String procedure(String oid) {
        return "(SELECT " + qualified("fn.nspname", "fp.proname") + " FROM pg_proc AS fp JOIN pg_namespace AS fn"
                + " ON fn.oid = fp.pronamespace WHERE fp.oid = " + oid + ")";
    }
}
