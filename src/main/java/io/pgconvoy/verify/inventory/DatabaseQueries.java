package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogQuery.all;
import static io.pgconvoy.verify.inventory.CatalogQuery.since;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** What belongs to a database but to none of its schemas: extensions, foreign servers, publications, large objects. */
final class DatabaseQueries {
    /** The attribute of a subscription that pg_dump leaves out, since the user who asks is no superuser. */
    static final String NOT_DUMPED = "not dumped";

    static final List<CatalogQuery> ALL = List.of(
            all("""
                SELECT 'extension', {name e.extname}, {role e.extowner} AS owner, {name n.nspname} AS schema,
                       e.extversion AS version,
                       (SELECT string_agg({qualified cn.nspname c.relname}
                                   || COALESCE(' ' || NULLIF(u.condition, ''), ''), ', ' ORDER BY cn.nspname, c.relname)
                          FROM unnest(e.extconfig, e.extcondition) AS u(relation, condition)
                          JOIN pg_class AS c ON c.oid = u.relation JOIN pg_namespace AS cn ON cn.oid = c.relnamespace)
                           AS "configuration tables",
                       {comment pg_extension e.oid} AS comment
                  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
                """),
            all("""
                SELECT 'foreign data wrapper', {name w.fdwname}, {role w.fdwowner} AS owner,
                       {procedure w.fdwhandler} AS handler, {procedure w.fdwvalidator} AS validator,
                       {secret w.fdwoptions} AS "secret options", {privileges F w.fdwacl w.fdwowner} AS privileges,
                       {comment pg_foreign_data_wrapper w.oid} AS comment
                  FROM pg_foreign_data_wrapper AS w WHERE {own pg_foreign_data_wrapper w.oid}
                """).onlyIf("{any pg_foreign_data_wrapper}"),
            all("""
                SELECT 'server', {name s.srvname}, {role s.srvowner} AS owner, {name w.fdwname} AS wrapper,
                       s.srvtype AS type, s.srvversion AS version,
                       {secret s.srvoptions} AS "secret options", {privileges S s.srvacl s.srvowner} AS privileges,
                       {comment pg_foreign_server s.oid} AS comment
                  FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
                 WHERE {own pg_foreign_server s.oid}
                """).onlyIf("{any pg_foreign_server}"),
            // The view hides the options of other users from who is no superuser.
            all("""
                SELECT 'user mapping', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE {role u.umuser} END
                           || ' on ' || {name u.srvname},
                       {secret u.umoptions} AS "secret options"
                  FROM pg_user_mappings AS u
                """).onlyIf("{any pg_user_mappings}"),
            // Those for all schemas begin with what PostgreSQL grants by itself; those in one schema are besides.
            all("""
                SELECT 'default privileges',
                       'of ' || {role d.defaclrole} || COALESCE(' in schema ' || {name n.nspname}, '') || ' on '
                           || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                                   WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas'
                                                   ELSE 'large objects' END,
                       {acl d.defaclacl; CASE WHEN d.defaclnamespace = 0 THEN
                                            acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END,
                                                       d.defaclrole)
                                        ELSE NULL::aclitem[] END; d.defaclrole} AS privileges
                  FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
                """).onlyIf("{any pg_default_acl}"),
            all("""
                SELECT 'security label', l.provider || ' on ' || l.objtype || ' ' || l.objname, l.label AS label
                  FROM pg_seclabels AS l
                 WHERE l.objtype NOT IN ('database', 'role', 'tablespace')
                """).onlyIf("{any pg_seclabel} OR {any pg_shseclabel}"),
            all("""
                SELECT 'transform', 'for ' || format_type(t.trftype, NULL) || ' language ' || l.lanname,
                       {procedure t.trffromsql} AS "from sql", {procedure t.trftosql} AS "to sql",
                       {comment pg_transform t.oid} AS comment
                  FROM pg_transform AS t JOIN pg_language AS l ON l.oid = t.trflang
                 WHERE {own pg_transform t.oid}
                """).onlyIf("{any pg_transform}"),
            all("""
                SELECT 'large object', m.oid::text, {role m.lomowner} AS owner,
                       {privileges L m.lomacl m.lomowner} AS privileges, z.description AS comment
                  FROM pg_largeobject_metadata AS m
                  LEFT JOIN pg_description AS z
                         ON z.classoid = 'pg_catalog.pg_largeobject'::regclass AND z.objoid = m.oid AND z.objsubid = 0
                """).onlyIf("{any pg_largeobject_metadata}"),
            since(ServerVersion.V10, """
                SELECT 'publication', {name p.pubname}, {role p.pubowner} AS owner,
                       {yes p.puballtables} AS "all tables",
                       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                 CASE WHEN p.pubdelete THEN 'delete' END,
                                 {since 11: CASE WHEN p.pubtruncate THEN 'truncate' END}) AS publish,
                       {since 13: {yes p.pubviaroot}} AS "through the root",
                       {since 18: NULLIF(p.pubgencols, 'n')::text} AS "generated columns",
                       {comment pg_publication p.oid} AS comment
                  FROM pg_publication AS p WHERE {own pg_publication p.oid}
                """).onlyIf("{any pg_publication}"),
            since(ServerVersion.V10, """
                SELECT 'publication', {name p.pubname},
                       string_agg({since 15: {qualified n.nspname c.relname}
                                   || COALESCE(' (' || (SELECT string_agg({name a.attname}, ', ' ORDER BY a.attnum)
                                           FROM pg_attribute AS a
                                          WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')
                                   || COALESCE(' WHERE ' || pg_get_expr(r.prqual, c.oid), '')
                                   otherwise {qualified n.nspname c.relname}},
                                  ', ' ORDER BY n.nspname, c.relname) AS tables
                  FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid
                  JOIN pg_class AS c ON c.oid = r.prrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 GROUP BY p.oid, p.pubname
                """).onlyIf("{any pg_publication_rel}"),
            since(ServerVersion.V15, """
                SELECT 'publication', {name p.pubname}, string_agg({name n.nspname}, ', ' ORDER BY n.nspname) AS schemas
                  FROM pg_publication_namespace AS r JOIN pg_publication AS p ON p.oid = r.pnpubid
                  JOIN pg_namespace AS n ON n.oid = r.pnnspid
                 GROUP BY p.oid, p.pubname
                """).onlyIf("{any pg_publication_namespace}"),
            // Neither whether it is enabled nor its slot, which a migration leaves out; nor the connection, which
            // holds secrets. Streaming is a boolean before 16; off is f in both forms.
            since(ServerVersion.V10, """
                SELECT 'subscription', {name s.subname}, {role s.subowner} AS owner,
                       {sorted s.subpublications} AS publications,
                       {since 14: {yes s.subbinary}} AS "binary",
                       {since 14: CASE s.substream::text WHEN 't' THEN 'on' WHEN 'true' THEN 'on'
                                  WHEN 'p' THEN 'parallel' END} AS streaming,
                       {since 15: {yes s.subtwophasestate <> 'd'}} AS "two phase",
                       {since 15: {yes s.subdisableonerr}} AS "disabled on error",
                       {since 16: NULLIF(s.suborigin, 'any')} AS origin,
                       CASE current_setting('is_superuser') WHEN 'off' THEN 'yes' END AS "not dumped",
                       {comment pg_subscription s.oid} AS comment
                  FROM pg_subscription AS s
                 WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                """).onlyIf("{any pg_subscription}"),
            changedPrivileges(
                    "pg_class",
                    "rel",
                    "CASE r.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || {qualified n.nspname r.relname}",
                    "CASE WHEN r.relkind = 'S' THEN 's' ELSE 'r' END::\"char\""),
            changedPrivileges(
                    "pg_proc",
                    "pro",
                    "'function ' || {qualified n.nspname r.proname} || '(' || {types r.proargtypes} || ')'",
                    "'f'"),
            changedPrivileges("pg_type", "typ", "'type ' || {qualified n.nspname r.typname}", "'T'"),
            changedPrivileges("pg_language", "lan", "'language ' || {name r.lanname}", "'l'"),
            changedPrivileges("pg_namespace", "nsp", "'schema ' || {name r.nspname}", "'n'"),
            changedPrivileges("pg_foreign_data_wrapper", "fdw", "'foreign data wrapper ' || {name r.fdwname}", "'F'"));

    private DatabaseQueries() {}

    /**
     * Privileges that a user changed on what initdb or an extension made, against those it was made with; servers before
     * 9.6 do not remember the latter.
     *
     * @param columns what the names of the catalog's columns begin with
     * @param kind as acldefault() wants it
     */
    private static CatalogQuery changedPrivileges(String catalog, String columns, String identity, String kind) {
        String schema = identity.contains("n.nspname")
                ? "JOIN pg_namespace AS n ON n.oid = r." + columns + "namespace AND n.nspname <> 'information_schema'"
                : "";
        return since(ServerVersion.V9_6, """
                SELECT 'object of the server or of an extension', %1$s,
                       {acl r.%2$sacl; COALESCE(i.initprivs, acldefault(%3$s, r.%2$sowner)); r.%2$sowner} AS privileges
                  FROM %4$s AS r %5$s
                  LEFT JOIN pg_init_privs AS i
                         ON i.classoid = 'pg_catalog.%4$s'::regclass AND i.objoid = r.oid AND i.objsubid = 0
                 WHERE r.%2$sacl IS NOT NULL AND r.%2$sacl IS DISTINCT FROM i.initprivs
                   AND (r.oid < {user_oid} AND %1$s <> 'schema public' OR NOT {own %4$s r.oid})
                """.formatted(identity, columns, kind, catalog, schema))
                .onlyIf("""
                        EXISTS (SELECT FROM %1$s AS r LEFT JOIN pg_init_privs AS i
                                    ON i.classoid = 'pg_catalog.%1$s'::regclass AND i.objoid = r.oid AND i.objsubid = 0
                                 WHERE r.%2$sacl IS NOT NULL AND r.%2$sacl IS DISTINCT FROM i.initprivs %3$s
                                   AND (r.oid < {user_oid} OR {depends %1$s r.oid e}))
                        """.formatted(
                                catalog,
                                columns,
                                schema.isEmpty()
                                        ? ""
                                        : "AND r." + columns + "namespace <> 'information_schema'::regnamespace"));
    }
}
