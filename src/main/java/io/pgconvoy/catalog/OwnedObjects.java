package io.pgconvoy.catalog;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Asks a database for all its objects that have an owner or privileges: those of users, and of those that came with the
 * server or with an extension the ones whose privileges were changed since, as pg_dump does.
 */
public final class OwnedObjects {
    private OwnedObjects() {}

    /** A catalog of objects: what to select from it. The letter is acldefault()'s, empty where there are no privileges. */
    private record Kind(
            String catalog,
            String owner,
            String schema,
            String acl,
            String defaults,
            String follows,
            String condition) {
        static Kind plain(String catalog, String prefix) {
            return new Kind(catalog, prefix + "owner", prefix + "namespace", "NULL", "", "false", "true");
        }

        String query(ServerVersion version) {
            String acl = this.acl.equals("NULL")
                    ? "NULL::aclitem[]"
                    : "COALESCE(o." + this.acl + ", acldefault(" + defaults + ", o." + owner + "))";
            // Before 9.6 nobody wrote down what a new server has.
            String changed = "o.oid < 16384 AND '" + catalog + "' IN ('pg_namespace', 'pg_language')";
            if (version.isAtLeast(ServerVersion.V9_6)) {
                changed = """
                        (o.oid < 16384 OR x.objid IS NOT NULL)
                            AND o.%s::text IS DISTINCT FROM
                                (SELECT i.initprivs::text FROM pg_init_privs AS i
                                  WHERE i.classoid = '%s'::regclass AND i.objoid = o.oid AND i.objsubid = 0)
                        """.formatted(this.acl, catalog);
            }
            String others = this.acl.equals("NULL") ? "false" : "o." + this.acl + " IS NOT NULL AND " + changed;
            // A large object is identified by the catalog that holds its pages.
            String identified = catalog.equals("pg_largeobject_metadata") ? "pg_largeobject" : catalog;
            return """
                    SELECT '%8$s'::regclass::oid AS class, o.oid AS id, NULL::name AS attribute, o.%2$s AS owner,
                           %3$s AS schema, %4$s AS follows, %5$s AS acl
                      FROM %1$s AS o
                      LEFT JOIN pg_depend AS x ON x.classid = '%1$s'::regclass AND x.objid = o.oid AND x.objsubid = 0
                            AND x.deptype = 'e'
                     WHERE (%6$s) AND ((o.oid >= 16384 AND x.objid IS NULL) OR (%7$s))
                    """.formatted(
                            catalog,
                            owner,
                            schema.equals("NULL") ? "NULL::oid" : "o." + schema,
                            follows,
                            acl,
                            condition,
                            others,
                            identified);
        }
    }

    private static List<Kind> kinds(ServerVersion version) {
        List<Kind> kinds = new ArrayList<>(List.of(
                new Kind(
                        "pg_class",
                        "relowner",
                        "relnamespace",
                        "relacl",
                        "(CASE WHEN o.relkind = 'S' THEN 's' ELSE 'r' END)::\"char\"",
                        """
                        o.relkind = 'S' AND EXISTS (
                            SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid
                               AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid <> 0
                               AND d.deptype IN ('a', 'i'))""",
                        "o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND o.relpersistence <> 't'"),
                new Kind("pg_proc", "proowner", "pronamespace", "proacl", "'f'", "false", "true"),
                // Neither a table's row type, nor an array's, nor a multirange's: they go with theirs.
                new Kind("pg_type", "typowner", "typnamespace", "typacl", "'T'", "false", """
                        o.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.typarray = o.oid)
                        AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = o.typrelid AND c.relkind <> 'c')"""),
                new Kind(
                        "pg_namespace",
                        "nspowner",
                        "NULL",
                        "nspacl",
                        "'n'",
                        "false",
                        "o.nspname !~ '^pg_(temp|toast)'"),
                new Kind("pg_language", "lanowner", "NULL", "lanacl", "'l'", "false", "true"),
                new Kind("pg_foreign_data_wrapper", "fdwowner", "NULL", "fdwacl", "'F'", "false", "true"),
                new Kind("pg_foreign_server", "srvowner", "NULL", "srvacl", "'S'", "false", "true"),
                new Kind("pg_largeobject_metadata", "lomowner", "NULL", "lomacl", "'L'", "false", "true"),
                Kind.plain("pg_operator", "opr"),
                Kind.plain("pg_opclass", "opc"),
                Kind.plain("pg_opfamily", "opf"),
                Kind.plain("pg_collation", "coll"),
                Kind.plain("pg_conversion", "con"),
                Kind.plain("pg_ts_dict", "dict"),
                Kind.plain("pg_ts_config", "cfg"),
                new Kind("pg_event_trigger", "evtowner", "NULL", "NULL", "", "false", "true")));
        if (version.isAtLeast(ServerVersion.V10)) {
            kinds.add(Kind.plain("pg_statistic_ext", "stx"));
            kinds.add(new Kind("pg_publication", "pubowner", "NULL", "NULL", "", "false", "true"));
        }
        return kinds;
    }

    /** Columns whose privileges were granted one by one. */
    private static final String COLUMNS = """
            SELECT 'pg_class'::regclass::oid, o.oid, a.attname, o.relowner, o.relnamespace, true, a.attacl
              FROM pg_attribute AS a JOIN pg_class AS o ON o.oid = a.attrelid
             WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND o.oid >= 16384
               AND o.relkind IN ('r', 'p', 'v', 'm', 'f')
               AND NOT EXISTS (SELECT FROM pg_depend AS x WHERE x.classid = 'pg_class'::regclass AND x.objid = o.oid
                                  AND x.objsubid = 0 AND x.deptype = 'e')
            """;

    /** Reads them all by a session on that database, whose search_path is to be pg_catalog. */
    public static List<OwnedObject> read(Session session) {
        List<String> queries = new ArrayList<>();
        kinds(session.version()).forEach(kind -> queries.add(kind.query(session.version())));
        queries.add(COLUMNS);
        // The one query gives each object a number, by which the other's privileges find it.
        String numbered = """
                SELECT row_number() OVER (ORDER BY class, id, attribute NULLS FIRST) AS number, q.*
                  FROM (%s) AS q
                """.formatted(String.join(" UNION ALL ", queries));
        Map<Long, List<AclEntry>> acls =
                AclReader.read(session, "SELECT number, acl FROM (" + numbered + ") AS n WHERE acl IS NOT NULL");
        String sql = """
                SELECT n.number, i.type, i.identity, n.attribute, s.nspname, pg_get_userbyid(n.owner), n.follows
                  FROM (%s) AS n
                  CROSS JOIN LATERAL pg_identify_object(n.class, n.id, 0) AS i
                  LEFT JOIN pg_namespace AS s ON s.oid = n.schema
                 WHERE i.identity IS NOT NULL
                 ORDER BY n.number
                """.formatted(numbered);
        return session.list(
                sql,
                row -> new OwnedObject(
                        row.getString(2),
                        row.getString(3),
                        row.text(4),
                        row.text(5),
                        row.getString(6),
                        row.getBoolean(7),
                        acls.getOrDefault(row.getLong(1), List.of())));
    }
}
