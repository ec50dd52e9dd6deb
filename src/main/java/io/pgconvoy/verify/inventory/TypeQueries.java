package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.USER_SCHEMA;
import static io.pgconvoy.verify.inventory.CatalogSql.comment;
import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.notOfExtension;
import static io.pgconvoy.verify.inventory.CatalogSql.privilegesOf;
import static io.pgconvoy.verify.inventory.CatalogSql.procedure;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;
import static io.pgconvoy.verify.inventory.CatalogSql.role;
import static io.pgconvoy.verify.inventory.CatalogSql.yes;

import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;

/** Types, domains, collations, conversions, text search, extended statistics. */
final class TypeQueries {
    private TypeQueries() {}

    static List<CatalogQuery> of(ServerVersion version) {
        List<CatalogQuery> queries = new ArrayList<>(List.of(
                types(),
                ranges(version),
                collations(version),
                conversions(),
                textSearchConfigurations(),
                textSearchDictionaries(),
                textSearchParsers(),
                textSearchTemplates()));
        if (version.isAtLeast(ServerVersion.V10)) {
            queries.add(statistics(version));
        }
        return queries;
    }

    private static String kind() {
        return "CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END";
    }

    private static CatalogQuery types() {
        return new CatalogQuery("""
                SELECT %s, %s,
                       CASE t.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain'
                                      WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' ELSE 'shell' END AS form,
                       %s AS owner,
                       CASE WHEN t.typtype = 'e' THEN
                           (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                              FROM pg_enum AS e WHERE e.enumtypid = t.oid) END AS labels,
                       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS "based on",
                       CASE WHEN t.typtype = 'd' THEN t.typdefault END AS "default",
                       %s AS "not null",
                       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN
                           (SELECT %s FROM pg_collation AS co JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = t.typcollation) END AS collation,
                       CASE WHEN t.typtype = 'b' THEN
                           concat_ws(' ', t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory,
                                     t.typispreferred, t.typdelim) END AS layout,
                       CASE WHEN t.typtype = 'b' THEN
                           concat_ws(' ', %s, %s, COALESCE(%s, '-'), COALESCE(%s, '-')) END AS functions,
                       %s AS privileges, %s AS comment,
                       CASE WHEN t.typtype = 'c' THEN %s END AS "comment as a relation"
                  FROM pg_type AS t
                  JOIN pg_namespace AS n ON n.oid = t.typnamespace
                  LEFT JOIN pg_type AS b ON b.oid = t.typbasetype AND t.typbasetype <> 0
                  LEFT JOIN pg_class AS c ON c.oid = t.typrelid AND t.typrelid <> 0
                 WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'p') AND (t.typtype <> 'c' OR c.relkind = 'c')
                   AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
                   AND %s AND %s
                """.formatted(
                        kind(),
                        qualified("n.nspname", "t.typname"),
                        role("t.typowner"),
                        yes("t.typtype = 'd' AND t.typnotnull"),
                        qualified("cn.nspname", "co.collname"),
                        procedure("t.typinput"),
                        procedure("t.typoutput"),
                        procedure("t.typreceive"),
                        procedure("t.typsend"),
                        privilegesOf("T", "t.typacl", "t.typowner"),
                        comment("pg_type", "t.oid"),
                        comment("pg_class", "c.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_type", "t.oid")));
    }

    private static CatalogQuery ranges(ServerVersion version) {
        return new CatalogQuery("""
                SELECT 'type', %s, format_type(r.rngsubtype, NULL) AS subtype,
                       (SELECT %s FROM pg_opclass AS k JOIN pg_namespace AS kn ON kn.oid = k.opcnamespace
                         WHERE k.oid = r.rngsubopc) AS "subtype operator class",
                       CASE WHEN r.rngcollation <> s.typcollation THEN
                           (SELECT %s FROM pg_collation AS co JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = r.rngcollation) END AS collation,
                       %s AS "canonical function", %s AS "difference function",
                       %s AS multirange
                  FROM pg_range AS r
                  JOIN pg_type AS t ON t.oid = r.rngtypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
                  JOIN pg_type AS s ON s.oid = r.rngsubtype
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "t.typname"),
                        qualified("kn.nspname", "k.opcname"),
                        qualified("cn.nspname", "co.collname"),
                        procedure("r.rngcanonical"),
                        procedure("r.rngsubdiff"),
                        version.isAtLeast(ServerVersion.V14) ? "format_type(r.rngmultitypid, NULL)" : "NULL",
                        USER_SCHEMA,
                        notOfExtension("pg_type", "t.oid")));
    }

    private static CatalogQuery collations(ServerVersion version) {
        String locale = "NULL";
        if (version.isAtLeast(ServerVersion.V17)) {
            locale = "co.colllocale";
        } else if (version.isAtLeast(ServerVersion.V15)) {
            locale = "co.colliculocale";
        } else if (version.isAtLeast(ServerVersion.V10)) {
            locale = "CASE WHEN co.collprovider = 'i' THEN co.collcollate::text END";
        }
        String collate = version.isAtLeast(ServerVersion.V10) ? "CASE WHEN co.collprovider = 'c' THEN %s END" : "%s";
        return new CatalogQuery("""
                SELECT 'collation', %s, %s AS owner, %s AS provider,
                       %s AS "lc_collate", %s AS "lc_ctype", %s AS locale, %s AS rules, %s AS "not deterministic",
                       %s AS comment
                  FROM pg_collation AS co JOIN pg_namespace AS n ON n.oid = co.collnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "co.collname"),
                        role("co.collowner"),
                        version.isAtLeast(ServerVersion.V10) ? "NULLIF(co.collprovider, 'c')::text" : "NULL",
                        collate.formatted("co.collcollate::text"),
                        collate.formatted("co.collctype::text"),
                        locale,
                        version.isAtLeast(ServerVersion.V16) ? "co.collicurules" : "NULL",
                        version.isAtLeast(ServerVersion.V12) ? yes("NOT co.collisdeterministic") : "NULL",
                        comment("pg_collation", "co.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_collation", "co.oid")));
    }

    private static CatalogQuery conversions() {
        return new CatalogQuery("""
                SELECT 'conversion', %s, %s AS owner,
                       pg_encoding_to_char(co.conforencoding)::text AS "from", pg_encoding_to_char(co.contoencoding)::text AS "to",
                       %s AS function, %s AS "default", %s AS comment
                  FROM pg_conversion AS co JOIN pg_namespace AS n ON n.oid = co.connamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "co.conname"),
                        role("co.conowner"),
                        procedure("co.conproc"),
                        yes("co.condefault"),
                        comment("pg_conversion", "co.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_conversion", "co.oid")));
    }

    private static CatalogQuery textSearchConfigurations() {
        return new CatalogQuery("""
                SELECT 'text search configuration', %s, %s AS owner,
                       (SELECT %s FROM pg_ts_parser AS p JOIN pg_namespace AS pn ON pn.oid = p.prsnamespace
                         WHERE p.oid = c.cfgparser) AS parser,
                       (SELECT string_agg(m.maptokentype::text || ' ' || %s, ', ' ORDER BY m.maptokentype, m.mapseqno)
                          FROM pg_ts_config_map AS m JOIN pg_ts_dict AS d ON d.oid = m.mapdict
                          JOIN pg_namespace AS dn ON dn.oid = d.dictnamespace WHERE m.mapcfg = c.oid) AS mappings,
                       %s AS comment
                  FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "c.cfgname"),
                        role("c.cfgowner"),
                        qualified("pn.nspname", "p.prsname"),
                        qualified("dn.nspname", "d.dictname"),
                        comment("pg_ts_config", "c.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_ts_config", "c.oid")));
    }

    private static CatalogQuery textSearchDictionaries() {
        return new CatalogQuery("""
                SELECT 'text search dictionary', %s, %s AS owner,
                       (SELECT %s FROM pg_ts_template AS t JOIN pg_namespace AS tn ON tn.oid = t.tmplnamespace
                         WHERE t.oid = d.dicttemplate) AS template,
                       d.dictinitoption AS options, %s AS comment
                  FROM pg_ts_dict AS d JOIN pg_namespace AS n ON n.oid = d.dictnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "d.dictname"),
                        role("d.dictowner"),
                        qualified("tn.nspname", "t.tmplname"),
                        comment("pg_ts_dict", "d.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_ts_dict", "d.oid")));
    }

    private static CatalogQuery textSearchParsers() {
        return new CatalogQuery("""
                SELECT 'text search parser', %s,
                       concat_ws(' ', %s, %s, %s, COALESCE(%s, '-'), %s) AS functions, %s AS comment
                  FROM pg_ts_parser AS p JOIN pg_namespace AS n ON n.oid = p.prsnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "p.prsname"),
                        procedure("p.prsstart"),
                        procedure("p.prstoken"),
                        procedure("p.prsend"),
                        procedure("p.prsheadline"),
                        procedure("p.prslextype"),
                        comment("pg_ts_parser", "p.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_ts_parser", "p.oid")));
    }

    private static CatalogQuery textSearchTemplates() {
        return new CatalogQuery("""
                SELECT 'text search template', %s, concat_ws(' ', COALESCE(%s, '-'), %s) AS functions, %s AS comment
                  FROM pg_ts_template AS t JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "t.tmplname"),
                        procedure("t.tmplinit"),
                        procedure("t.tmpllexize"),
                        comment("pg_ts_template", "t.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_ts_template", "t.oid")));
    }

    private static CatalogQuery statistics(ServerVersion version) {
        String target = "NULL";
        if (version.isAtLeast(ServerVersion.V13)) {
            target = "CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::text END";
        }
        return new CatalogQuery("""
                SELECT 'statistics', %s, %s AS owner, %s AS "table",
                       (SELECT string_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' WHEN 'm' THEN 'mcv' END,
                                          ', ' ORDER BY k) FROM unnest(s.stxkind) AS k WHERE k <> 'e') AS kinds,
                       (SELECT string_agg(%s, ', ' ORDER BY a.attnum)
                          FROM pg_attribute AS a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::int2[])) AS columns,
                       %s AS expressions, %s AS "statistics target", %s AS comment
                  FROM pg_statistic_ext AS s
                  JOIN pg_namespace AS n ON n.oid = s.stxnamespace
                  JOIN pg_class AS c ON c.oid = s.stxrelid JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
                 WHERE %s AND %s
                """.formatted(
                        qualified("n.nspname", "s.stxname"),
                        role("s.stxowner"),
                        qualified("cn.nspname", "c.relname"),
                        name("a.attname"),
                        version.isAtLeast(ServerVersion.V14)
                                ? "array_to_string(pg_get_statisticsobjdef_expressions(s.oid), ', ')"
                                : "NULL",
                        target,
                        comment("pg_statistic_ext", "s.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_statistic_ext", "s.oid")));
    }
}
