package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * What users made in schemas of the server, such as pg_catalog, and what they changed of what is there. pg_dump leaves both
 * out. A query for each.
 */
public final class SystemObjects {
    /** The newest that initdb wrote is older than the oldest row of pg_database, which CREATE DATABASE wrote. */
    private static final String SINCE_INITDB =
            "age(%1$s.xmin) >= 0 AND age(%1$s.xmin) < (SELECT max(age(base.xmin)) FROM pg_database AS base)";

    private static final String SYSTEM_SCHEMA =
            "(n.nspname ~ '^pg_' AND n.nspname !~ '^pg_(toast_)?temp_' OR n.nspname = 'information_schema')";

    /** What of built-in objects can be changed, beside functions and comments; of catalogs in which a GRANT makes no new row. */
    private static final List<String> CHANGES = List.of(
            owned("pg_proc", "proowner", "true"),
            owned("pg_class", "relowner", "true"),
            owned("pg_type", "typowner", "x.typrelid = 0 AND x.typelem = 0"),
            // Of this one pg_dump carries the owner over.
            owned("pg_namespace", "nspowner", "x.nspname <> 'public'"),
            owned("pg_operator", "oprowner", "true"),
            owned("pg_language", "lanowner", "true"),
            owned("pg_ts_config", "cfgowner", "true"),
            owned("pg_ts_dict", "dictowner", "true"),
            altered("pg_ts_dict", "md5(coalesce(x.dictinitoption, ''))"),
            altered("pg_cast", "concat_ws(' ', x.castcontext, x.castmethod)"),
            altered("pg_operator", "concat_ws(' ', x.oprcode, x.oprrest, x.oprjoin, x.oprcanmerge, x.oprcanhash)"),
            altered("pg_opclass", "x.opcdefault"),
            // Each of these maps all kinds of words.
            """
            SELECT 'pg_ts_config'::regclass, m.mapcfg, 0, 'definition',
                   md5(string_agg(m.maptokentype::text || ' ' || d.dictname, ' ' ORDER BY m.maptokentype, m.mapseqno))
              FROM pg_ts_config_map AS m JOIN pg_ts_dict AS d ON d.oid = m.mapdict
             WHERE m.mapcfg < 16384
             GROUP BY m.mapcfg HAVING count(DISTINCT m.maptokentype) <> 19 OR bool_or(%s)""".formatted(SINCE_INITDB.formatted("m")),
            """
            SELECT 'pg_class'::regclass, x.ev_class, 0, 'definition', md5(pg_get_viewdef(x.ev_class)) FROM pg_rewrite AS x
             WHERE x.oid < 16384 AND x.ev_class < 16384 AND x.rulename = '_RETURN' AND %s""".formatted(SINCE_INITDB.formatted("x")),
            """
            SELECT 'pg_language'::regclass, x.oid, 0, 'definition', x.lanpltrusted::text FROM pg_language AS x
             WHERE x.oid < 16384 AND x.lanpltrusted <> (x.lanname IN ('sql', 'plpgsql'))""",
            """
            SELECT 'pg_class'::regclass, x.oid, 0, 'definition', concat_ws(' ', x.reloptions::text, x.relrowsecurity)
              FROM pg_class AS x
             WHERE x.oid < 16384 AND x.relkind = 'r' AND (x.relrowsecurity OR x.reloptions IS NOT NULL)""",
            """
            SELECT 'pg_class'::regclass, x.attrelid, x.attnum, 'definition', x.attstattarget::text
              FROM pg_attribute AS x JOIN pg_class AS c ON c.oid = x.attrelid
             WHERE c.oid < 16384 AND c.relkind = 'r' AND x.attnum > 0 AND x.attstattarget >= 0""");

    /** What pg_import_system_collations() makes has its locale's name, with or without the encoding. */
    private static final String COLLATIONS = """
            SELECT 'pg_collation'::regclass, x.oid, x.collnamespace FROM pg_collation AS x
             WHERE x.collname !~ '-x-icu$'
               AND (x.collcollate IS NULL
                    OR x.collname NOT IN (x.collcollate, regexp_replace(x.collcollate, '\\.[A-Za-z0-9-]*', '')))""";

    private SystemObjects() {}

    /**
     * The users' objects: {@code identity}, its kind and name. Not collations that pg_import_system_collations() puts there,
     * nor what belongs to an extension.
     */
    public static String made(ServerVersion version) {
        List<String> objects = new ArrayList<>(List.of(
                """
                SELECT 'pg_class'::regclass::oid, x.oid, x.relnamespace FROM pg_class AS x
                  LEFT JOIN pg_index AS ix ON ix.indexrelid = x.oid
                 WHERE (x.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                        -- An index of a table that is the user's goes with it.
                        OR x.relkind IN ('i', 'I') AND ix.indrelid < 16384)""",
                """
                SELECT 'pg_type'::regclass, x.oid, x.typnamespace FROM pg_type AS x
                  LEFT JOIN pg_class AS tc ON tc.oid = x.typrelid
                 WHERE (x.typrelid = 0 OR tc.relkind = 'c')
                   AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = x.oid)""",
                namespaced("pg_proc", "pronamespace"),
                namespaced("pg_operator", "oprnamespace"),
                namespaced("pg_opclass", "opcnamespace"),
                namespaced("pg_opfamily", "opfnamespace"),
                namespaced("pg_conversion", "connamespace"),
                namespaced("pg_ts_config", "cfgnamespace"),
                namespaced("pg_ts_dict", "dictnamespace"),
                namespaced("pg_ts_parser", "prsnamespace"),
                namespaced("pg_ts_template", "tmplnamespace"),
                "SELECT 'pg_namespace'::regclass, x.oid, x.oid FROM pg_namespace AS x",
                COLLATIONS,
                attached("pg_trigger", "tgrelid", "NOT x.tgisinternal"),
                attached("pg_rewrite", "ev_class", "true"),
                attached("pg_policy", "polrelid", "true"),
                attached("pg_constraint", "conrelid", "x.contype IN ('c', 'f', 'p', 'u', 'x')"),
                ofFamily("pg_amop", "amopfamily", "pg_operator", "amopopr"),
                ofFamily("pg_amproc", "amprocfamily", "pg_proc", "amproc")));
        if (version.isAtLeast(ServerVersion.V10)) {
            objects.add(namespaced("pg_statistic_ext", "stxnamespace"));
        }
        return """
                SELECT i.type || ' ' || i.identity AS identity
                  FROM (%s) AS o (class, object, schema)
                  JOIN pg_namespace AS n ON n.oid = o.schema
                 CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) AS i
                 WHERE o.object >= 16384 AND %s
                   AND NOT EXISTS (SELECT FROM pg_depend AS d
                                    WHERE d.classid = o.class AND d.objid = o.object AND d.deptype IN ('e', 'i'))
                """.formatted(String.join(" UNION ALL ", objects), SYSTEM_SCHEMA);
    }

    private static String namespaced(String catalog, String schema) {
        return "SELECT '" + catalog + "'::regclass, x.oid, x." + schema + " FROM " + catalog + " AS x";
    }

    /** What hangs on a table or view of the server's own. */
    private static String attached(String catalog, String relation, String condition) {
        return "SELECT '" + catalog + "'::regclass, x.oid, c.relnamespace FROM " + catalog
                + " AS x JOIN pg_class AS c ON c.oid = x." + relation + " WHERE c.oid < 16384 AND " + condition;
    }

    /** What ALTER OPERATOR FAMILY added to one of the server's own; what an operator class added goes with that. */
    private static String ofFamily(String catalog, String family, String usedCatalog, String used) {
        return """
                SELECT '%1$s'::regclass, x.oid, f.opfnamespace FROM %1$s AS x JOIN pg_opfamily AS f ON f.oid = x.%2$s
                 WHERE f.oid < 16384
                   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = '%1$s'::regclass AND d.objid = x.oid
                                       AND d.refclassid = 'pg_opclass'::regclass)
                   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = '%3$s'::regclass AND d.objid = x.%4$s
                                       AND d.deptype = 'e')""".formatted(catalog, family, usedCatalog, used);
    }

    /**
     * Built-in objects that users changed: {@code identity}, its kind and name; {@code what} of it; {@code value}, what that is
     * now, digested. Privileges are no change: pg_dump carries them over from 9.6 on.
     */
    public static String changed() {
        return """
                SELECT i.type || ' ' || replace(i.identity, 'pg_catalog.', '') AS identity, o.what, o.value
                  FROM (SELECT 'pg_proc'::regclass::oid, p.oid, 0, 'definition'::text,
                               md5(concat_ws(' ', p.prosrc, (SELECT l.lanname FROM pg_language AS l WHERE l.oid = p.prolang),
                                             p.provolatile, array_to_string(p.proconfig, ' ')))
                          FROM pg_proc AS p
                         -- A GRANT, too, makes a new row.
                         WHERE p.oid < 16384 AND (p.proconfig IS NOT NULL OR p.proacl IS NULL AND %1$s)
                           AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass
                                              AND d.objid = p.oid AND d.deptype = 'e')
                        UNION ALL
                        %3$s
                        UNION ALL
                        SELECT z.classoid, z.objoid, z.objsubid, 'comment', z.description
                          FROM pg_description AS z
                         WHERE z.objoid < 16384 AND %2$s
                           -- These pg_dump writes.
                           AND z.classoid NOT IN ('pg_largeobject'::regclass, 'pg_extension'::regclass)
                           AND NOT (z.classoid = 'pg_namespace'::regclass
                                    AND z.objoid IN (SELECT oid FROM pg_namespace WHERE nspname = 'public'))
                       ) AS o (class, object, sub, what, value)
                 CROSS JOIN LATERAL pg_identify_object(o.class, o.object, o.sub) AS i
                """.formatted(
                        SINCE_INITDB.formatted("p"), SINCE_INITDB.formatted("z"), String.join(" UNION ALL ", CHANGES));
    }

    private static String altered(String catalog, String definition) {
        return "SELECT '%1$s'::regclass::oid, x.oid, 0, 'definition', (%2$s)::text FROM %1$s AS x WHERE x.oid < 16384 AND %3$s"
                .formatted(catalog, definition, SINCE_INITDB.formatted("x"));
    }

    private static String owned(String catalog, String owner, String condition) {
        return "SELECT '%1$s'::regclass::oid, x.oid, 0, 'owner', pg_get_userbyid(x.%2$s)::text FROM %1$s AS x"
                        .formatted(catalog, owner)
                + " WHERE x.oid < 16384 AND x." + owner + " <> 10 AND " + condition;
    }

    /** Privileges that users gave or took on built-in objects of a server before 9.6, of which pg_dump knows nothing. */
    public static String privilegesBefore96() {
        return """
                SELECT i.type || ' ' || i.identity AS identity
                  FROM (SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc AS p
                         WHERE p.oid < 16384 AND p.proacl IS NOT NULL AND %1$s
                        UNION ALL
                        SELECT 'pg_class'::regclass, c.oid FROM pg_class AS c
                         WHERE c.oid < 16384 AND %2$s
                           AND (EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee >= 16384)
                                OR c.relacl IS NOT NULL
                                   AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = 0)
                                   -- initdb itself closes these.
                                   AND c.relname NOT IN ('pg_authid', 'pg_shadow', 'pg_statistic', 'pg_largeobject',
                                                         'pg_user_mapping', 'pg_replication_origin', 'pg_file_settings'))
                       ) AS o (class, object)
                 CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) AS i
                """.formatted(SINCE_INITDB.formatted("p"), SINCE_INITDB.formatted("c"));
    }
}
