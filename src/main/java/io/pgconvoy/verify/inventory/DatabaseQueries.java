package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.USER_OID;
import static io.pgconvoy.verify.inventory.CatalogSql.comment;
import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.notOfExtension;
import static io.pgconvoy.verify.inventory.CatalogSql.privileges;
import static io.pgconvoy.verify.inventory.CatalogSql.privilegesOf;
import static io.pgconvoy.verify.inventory.CatalogSql.procedure;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;
import static io.pgconvoy.verify.inventory.CatalogSql.role;
import static io.pgconvoy.verify.inventory.CatalogSql.sorted;
import static io.pgconvoy.verify.inventory.CatalogSql.types;
import static io.pgconvoy.verify.inventory.CatalogSql.yes;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/** What belongs to a database but to none of its schemas: extensions, foreign servers, publications, large objects. */
final class DatabaseQueries {
    private DatabaseQueries() {}

    static List<CatalogQuery> of(ServerVersion version) {
        List<CatalogQuery> queries = new ArrayList<>(List.of(
                extensions(),
                foreignDataWrappers(),
                foreignServers(),
                userMappings(),
                defaultPrivileges(),
                securityLabels(),
                transforms(),
                largeObjects()));
        if (version.isAtLeast(ServerVersion.V10)) {
            queries.add(publications(version));
            queries.add(publishedTables(version));
            queries.add(subscriptions(version));
        }
        if (version.isAtLeast(ServerVersion.V15)) {
            queries.add(publishedSchemas());
        }
        if (version.isAtLeast(ServerVersion.V9_6)) {
            queries.addAll(changedPrivileges());
        }
        return queries;
    }

    private static CatalogQuery extensions() {
        return new CatalogQuery("""
                SELECT 'extension', %s, %s AS owner, %s AS schema, e.extversion AS version,
                       (SELECT string_agg(%s || COALESCE(' ' || NULLIF(u.condition, ''), ''), ', ' ORDER BY cn.nspname, c.relname)
                          FROM unnest(e.extconfig, e.extcondition) AS u(relation, condition)
                          JOIN pg_class AS c ON c.oid = u.relation JOIN pg_namespace AS cn ON cn.oid = c.relnamespace)
                           AS "configuration tables",
                       %s AS comment
                  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
                """.formatted(
                        name("e.extname"),
                        role("e.extowner"),
                        name("n.nspname"),
                        qualified("cn.nspname", "c.relname"),
                        comment("pg_extension", "e.oid")));
    }

    private static CatalogQuery foreignDataWrappers() {
        return new CatalogQuery("""
                SELECT 'foreign data wrapper', %s, %s AS owner, %s AS handler, %s AS validator,
                       %s AS "secret options", %s AS privileges, %s AS comment
                  FROM pg_foreign_data_wrapper AS w WHERE %s
                """.formatted(
                        name("w.fdwname"),
                        role("w.fdwowner"),
                        procedure("w.fdwhandler"),
                        procedure("w.fdwvalidator"),
                        secretOptions("w.fdwoptions"),
                        privilegesOf("F", "w.fdwacl", "w.fdwowner"),
                        comment("pg_foreign_data_wrapper", "w.oid"),
                        notOfExtension("pg_foreign_data_wrapper", "w.oid")));
    }

    private static CatalogQuery foreignServers() {
        return new CatalogQuery("""
                SELECT 'server', %s, %s AS owner, %s AS wrapper, s.srvtype AS type, s.srvversion AS version,
                       %s AS "secret options", %s AS privileges, %s AS comment
                  FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
                 WHERE %s
                """.formatted(
                        name("s.srvname"),
                        role("s.srvowner"),
                        name("w.fdwname"),
                        secretOptions("s.srvoptions"),
                        privilegesOf("S", "s.srvacl", "s.srvowner"),
                        comment("pg_foreign_server", "s.oid"),
                        notOfExtension("pg_foreign_server", "s.oid")));
    }

    /** The view hides the options of other users from who is no superuser. */
    private static CatalogQuery userMappings() {
        return new CatalogQuery("""
                SELECT 'user mapping', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE %s END || ' on ' || %s,
                       %s AS "secret options"
                  FROM pg_user_mappings AS u
                """.formatted(role("u.umuser"), name("u.srvname"), secretOptions("u.umoptions")));
    }

    /** For {@link Secrets}, which forgets the values. */
    private static String secretOptions(String options) {
        return "CASE WHEN %1$s IS NOT NULL THEN (SELECT string_agg(o.option_name || '=' || o.option_value, chr(1)"
                        .formatted(options)
                + " ORDER BY o.option_name COLLATE \"C\") FROM pg_options_to_table(%s) AS o) END".formatted(options);
    }

    private static CatalogQuery publications(ServerVersion version) {
        return new CatalogQuery("""
                SELECT 'publication', %s, %s AS owner, %s AS "all tables",
                       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                 CASE WHEN p.pubdelete THEN 'delete' END, %s) AS publish,
                       %s AS "through the root", %s AS "generated columns", %s AS comment
                  FROM pg_publication AS p WHERE %s
                """.formatted(
                        name("p.pubname"),
                        role("p.pubowner"),
                        yes("p.puballtables"),
                        version.isAtLeast(ServerVersion.V11) ? "CASE WHEN p.pubtruncate THEN 'truncate' END" : "NULL",
                        version.isAtLeast(ServerVersion.V13) ? yes("p.pubviaroot") : "NULL",
                        version.isAtLeast(ServerVersion.V18) ? "NULLIF(p.pubgencols, 'n')::text" : "NULL",
                        comment("pg_publication", "p.oid"),
                        notOfExtension("pg_publication", "p.oid")));
    }

    private static CatalogQuery publishedTables(ServerVersion version) {
        boolean lists = version.isAtLeast(ServerVersion.V15);
        return new CatalogQuery("""
                SELECT 'publication', %s,
                       string_agg(%s%s, ', ' ORDER BY n.nspname, c.relname) AS tables
                  FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid
                  JOIN pg_class AS c ON c.oid = r.prrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 GROUP BY p.oid, p.pubname
                """.formatted(
                name("p.pubname"), qualified("n.nspname", "c.relname"), lists ? """
                                   || COALESCE(' (' || (SELECT string_agg(%s, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                                           WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')
                                   || COALESCE(' WHERE ' || pg_get_expr(r.prqual, c.oid), '')
                                  """.formatted(name("a.attname")) : ""));
    }

    private static CatalogQuery publishedSchemas() {
        return new CatalogQuery("""
                SELECT 'publication', %1$s, string_agg(%2$s, ', ' ORDER BY n.nspname) AS schemas
                  FROM pg_publication_namespace AS r JOIN pg_publication AS p ON p.oid = r.pnpubid
                  JOIN pg_namespace AS n ON n.oid = r.pnnspid
                 GROUP BY p.oid, p.pubname
                """.formatted(name("p.pubname"), name("n.nspname")));
    }

    /** The attribute of a subscription that pg_dump leaves out, since the user who asks is no superuser. */
    static final String NOT_DUMPED = "not dumped";

    /** Neither whether it is enabled nor its slot, which a migration leaves out; nor the connection, which holds secrets. */
    private static CatalogQuery subscriptions(ServerVersion version) {
        return new CatalogQuery("""
                SELECT 'subscription', %s, %s AS owner, %s AS publications,
                       %s AS "binary", %s AS streaming, %s AS "two phase", %s AS "disabled on error", %s AS origin,
                       CASE current_setting('is_superuser') WHEN 'off' THEN 'yes' END AS "%s",
                       %s AS comment
                  FROM pg_subscription AS s
                 WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                """.formatted(
                        name("s.subname"),
                        role("s.subowner"),
                        sorted("s.subpublications"),
                        version.isAtLeast(ServerVersion.V14) ? yes("s.subbinary") : "NULL",
                        // A boolean before 16; off is f in both forms.
                        version.isAtLeast(ServerVersion.V14)
                                ? "CASE s.substream::text WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' END"
                                : "NULL",
                        version.isAtLeast(ServerVersion.V15) ? yes("s.subtwophasestate <> 'd'") : "NULL",
                        version.isAtLeast(ServerVersion.V15) ? yes("s.subdisableonerr") : "NULL",
                        version.isAtLeast(ServerVersion.V16) ? "NULLIF(s.suborigin, 'any')" : "NULL",
                        NOT_DUMPED,
                        comment("pg_subscription", "s.oid")));
    }

    private static CatalogQuery transforms() {
        return new CatalogQuery("""
                SELECT 'transform', 'for ' || format_type(t.trftype, NULL) || ' language ' || l.lanname,
                       %s AS "from sql", %s AS "to sql", %s AS comment
                  FROM pg_transform AS t JOIN pg_language AS l ON l.oid = t.trflang
                 WHERE %s
                """.formatted(
                        procedure("t.trffromsql"),
                        procedure("t.trftosql"),
                        comment("pg_transform", "t.oid"),
                        notOfExtension("pg_transform", "t.oid")));
    }

    /** Those for all schemas begin with what PostgreSQL grants by itself; those in one schema are grants beside. */
    private static CatalogQuery defaultPrivileges() {
        return new CatalogQuery(
                """
                SELECT 'default privileges',
                       'of ' || %s || COALESCE(' in schema ' || %s, '') || ' on '
                           || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                                   WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
                       %s AS privileges
                  FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
                """.formatted(role("d.defaclrole"), name("n.nspname"), privileges("d.defaclacl", """
                                CASE WHEN d.defaclnamespace = 0 THEN
                                    acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)
                                ELSE NULL::aclitem[] END""", "d.defaclrole")));
    }

    private static CatalogQuery securityLabels() {
        return new CatalogQuery("""
                SELECT 'security label', l.provider || ' on ' || l.objtype || ' ' || l.objname, l.label AS label
                  FROM pg_seclabels AS l
                 WHERE l.objtype NOT IN ('database', 'role', 'tablespace')
                """);
    }

    private static CatalogQuery largeObjects() {
        return new CatalogQuery("""
                SELECT 'large object', m.oid::text, %s AS owner, %s AS privileges, z.description AS comment
                  FROM pg_largeobject_metadata AS m
                  LEFT JOIN pg_description AS z
                         ON z.classoid = 'pg_catalog.pg_largeobject'::regclass AND z.objoid = m.oid AND z.objsubid = 0
                """.formatted(role("m.lomowner"), privilegesOf("L", "m.lomacl", "m.lomowner")));
    }

    /**
     * Privileges that a user changed on what initdb or an extension made, against those it was made with; servers before
     * 9.6 do not remember the latter.
     */
    private static List<CatalogQuery> changedPrivileges() {
        return List.of(
                changedPrivileges(
                        "pg_class",
                        "r.oid",
                        "CASE r.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || "
                                + qualified("n.nspname", "r.relname"),
                        "acldefault(CASE WHEN r.relkind = 'S' THEN 's' ELSE 'r' END::\"char\", r.relowner)",
                        "r.relacl",
                        "r.relowner",
                        "pg_class AS r JOIN pg_namespace AS n ON n.oid = r.relnamespace"
                                + " AND n.nspname <> 'information_schema'"),
                changedPrivileges(
                        "pg_proc",
                        "r.oid",
                        "'function ' || " + qualified("n.nspname", "r.proname") + " || '(' || " + types("r.proargtypes")
                                + " || ')'",
                        "acldefault('f', r.proowner)",
                        "r.proacl",
                        "r.proowner",
                        "pg_proc AS r JOIN pg_namespace AS n ON n.oid = r.pronamespace"
                                + " AND n.nspname <> 'information_schema'"),
                changedPrivileges(
                        "pg_type",
                        "r.oid",
                        "'type ' || " + qualified("n.nspname", "r.typname"),
                        "acldefault('T', r.typowner)",
                        "r.typacl",
                        "r.typowner",
                        "pg_type AS r JOIN pg_namespace AS n ON n.oid = r.typnamespace"
                                + " AND n.nspname <> 'information_schema'"),
                changedPrivileges(
                        "pg_language",
                        "r.oid",
                        "'language ' || " + name("r.lanname"),
                        "acldefault('l', r.lanowner)",
                        "r.lanacl",
                        "r.lanowner",
                        "pg_language AS r"),
                changedPrivileges(
                        "pg_namespace",
                        "r.oid",
                        "'schema ' || " + name("r.nspname"),
                        "acldefault('n', r.nspowner)",
                        "r.nspacl",
                        "r.nspowner",
                        "pg_namespace AS r"),
                changedPrivileges(
                        "pg_foreign_data_wrapper",
                        "r.oid",
                        "'foreign data wrapper ' || " + name("r.fdwname"),
                        "acldefault('F', r.fdwowner)",
                        "r.fdwacl",
                        "r.fdwowner",
                        "pg_foreign_data_wrapper AS r"));
    }

    private static CatalogQuery changedPrivileges(
            String catalog, String oid, String identity, String defaults, String acl, String owner, String from) {
        return new CatalogQuery("""
                SELECT 'object of the server or of an extension', %1$s, %2$s AS privileges
                  FROM %3$s
                  LEFT JOIN pg_init_privs AS i
                         ON i.classoid = 'pg_catalog.%4$s'::regclass AND i.objoid = %5$s AND i.objsubid = 0
                 WHERE %6$s IS NOT NULL AND %6$s IS DISTINCT FROM i.initprivs
                   AND (%5$s < %7$s AND %1$s <> 'schema public' OR NOT %8$s)
                """.formatted(
                        identity,
                        privileges(acl, "COALESCE(i.initprivs, " + defaults + ")", owner),
                        from,
                        catalog,
                        oid,
                        acl,
                        USER_OID,
                        notOfExtension(catalog, oid)));
    }
}
