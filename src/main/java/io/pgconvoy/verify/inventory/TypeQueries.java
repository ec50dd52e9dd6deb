package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogQuery.all;
import static io.pgconvoy.verify.inventory.CatalogQuery.since;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** Types, domains, collations, conversions, text search, extended statistics. */
final class TypeQueries {
    static final List<CatalogQuery> ALL = List.of(
            all("""
                SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, {qualified n.nspname t.typname},
                       CASE t.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain'
                                      WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' ELSE 'shell' END AS form,
                       {role t.typowner} AS owner,
                       CASE WHEN t.typtype = 'e' THEN
                           (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                              FROM pg_enum AS e WHERE e.enumtypid = t.oid) END AS labels,
                       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS "based on",
                       CASE WHEN t.typtype = 'd' THEN t.typdefault END AS "default",
                       {yes t.typtype = 'd' AND t.typnotnull} AS "not null",
                       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN
                           (SELECT {qualified cn.nspname co.collname} FROM pg_collation AS co
                               JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = t.typcollation) END AS collation,
                       CASE WHEN t.typtype = 'b' THEN
                           concat_ws(' ', t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory,
                                     t.typispreferred, t.typdelim) END AS layout,
                       CASE WHEN t.typtype = 'b' THEN
                           concat_ws(' ', {procedure t.typinput}, {procedure t.typoutput},
                               COALESCE({procedure t.typreceive}, '-'), COALESCE({procedure t.typsend},
                                   '-')) END AS functions,
                       {privileges T t.typacl t.typowner} AS privileges, {comment pg_type t.oid} AS comment,
                       CASE WHEN t.typtype = 'c' THEN {comment pg_class c.oid} END AS "comment as a relation"
                  FROM pg_type AS t
                  JOIN pg_namespace AS n ON n.oid = t.typnamespace
                  LEFT JOIN pg_type AS b ON b.oid = t.typbasetype AND t.typbasetype <> 0
                  LEFT JOIN pg_class AS c ON c.oid = t.typrelid AND t.typrelid <> 0
                 WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'p') AND (t.typtype <> 'c' OR c.relkind = 'c')
                   AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
                   AND {user_schema} AND {own pg_type t.oid}
                """).onlyIf("""
                        EXISTS (SELECT FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
                                 WHERE {is_theirs t.typnamespace} AND (t.typtype <> 'c' OR c.relkind = 'c')
                                   AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid))"""),
            all("""
                SELECT 'type', {qualified n.nspname t.typname}, format_type(r.rngsubtype, NULL) AS subtype,
                       (SELECT {qualified kn.nspname k.opcname} FROM pg_opclass AS k
                           JOIN pg_namespace AS kn ON kn.oid = k.opcnamespace
                         WHERE k.oid = r.rngsubopc) AS "subtype operator class",
                       CASE WHEN r.rngcollation <> s.typcollation THEN
                           (SELECT {qualified cn.nspname co.collname} FROM pg_collation AS co
                               JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = r.rngcollation) END AS collation,
                       {procedure r.rngcanonical} AS "canonical function",
                       {procedure r.rngsubdiff} AS "difference function",
                       {since 14: format_type(r.rngmultitypid, NULL)} AS multirange
                  FROM pg_range AS r
                  JOIN pg_type AS t ON t.oid = r.rngtypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
                  JOIN pg_type AS s ON s.oid = r.rngsubtype
                 WHERE {user_schema} AND {own pg_type t.oid}
                """).onlyIf("EXISTS (SELECT FROM pg_type WHERE typtype = 'r' AND {is_theirs typnamespace})"),
            all("""
                SELECT 'collation', {qualified n.nspname co.collname}, {role co.collowner} AS owner,
                       {since 10: NULLIF(co.collprovider, 'c')::text} AS provider,
                       {since 10: CASE WHEN co.collprovider = 'c' THEN co.collcollate::text END
                        otherwise co.collcollate::text} AS "lc_collate",
                       {since 10: CASE WHEN co.collprovider = 'c' THEN co.collctype::text END
                        otherwise co.collctype::text} AS "lc_ctype",
                       {since 17: co.colllocale otherwise {since 15: co.colliculocale
                        otherwise {since 10: CASE WHEN co.collprovider = 'i' THEN co.collcollate::text END}}} AS locale,
                       {since 16: co.collicurules} AS rules,
                       {since 12: {yes NOT co.collisdeterministic}} AS "not deterministic",
                       {comment pg_collation co.oid} AS comment
                  FROM pg_collation AS co JOIN pg_namespace AS n ON n.oid = co.collnamespace
                 WHERE {user_schema} AND {own pg_collation co.oid}
                """).onlyIf("{theirs pg_collation collnamespace}"),
            all("""
                SELECT 'conversion', {qualified n.nspname co.conname}, {role co.conowner} AS owner,
                       pg_encoding_to_char(co.conforencoding)::text AS "from",
                       pg_encoding_to_char(co.contoencoding)::text AS "to",
                       {procedure co.conproc} AS function, {yes co.condefault} AS "default",
                       {comment pg_conversion co.oid} AS comment
                  FROM pg_conversion AS co JOIN pg_namespace AS n ON n.oid = co.connamespace
                 WHERE {user_schema} AND {own pg_conversion co.oid}
                """).onlyIf("{theirs pg_conversion connamespace}"),
            all("""
                SELECT 'text search configuration', {qualified n.nspname c.cfgname}, {role c.cfgowner} AS owner,
                       (SELECT {qualified pn.nspname p.prsname} FROM pg_ts_parser AS p
                           JOIN pg_namespace AS pn ON pn.oid = p.prsnamespace
                         WHERE p.oid = c.cfgparser) AS parser,
                       (SELECT string_agg(m.maptokentype::text || ' ' || {qualified dn.nspname d.dictname}, ', '
                           ORDER BY m.maptokentype, m.mapseqno)
                          FROM pg_ts_config_map AS m JOIN pg_ts_dict AS d ON d.oid = m.mapdict
                          JOIN pg_namespace AS dn ON dn.oid = d.dictnamespace WHERE m.mapcfg = c.oid) AS mappings,
                       {comment pg_ts_config c.oid} AS comment
                  FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace
                 WHERE {user_schema} AND {own pg_ts_config c.oid}
                """).onlyIf("{theirs pg_ts_config cfgnamespace}"),
            all("""
                SELECT 'text search dictionary', {qualified n.nspname d.dictname}, {role d.dictowner} AS owner,
                       (SELECT {qualified tn.nspname t.tmplname} FROM pg_ts_template AS t
                           JOIN pg_namespace AS tn ON tn.oid = t.tmplnamespace
                         WHERE t.oid = d.dicttemplate) AS template,
                       d.dictinitoption AS options, {comment pg_ts_dict d.oid} AS comment
                  FROM pg_ts_dict AS d JOIN pg_namespace AS n ON n.oid = d.dictnamespace
                 WHERE {user_schema} AND {own pg_ts_dict d.oid}
                """).onlyIf("{theirs pg_ts_dict dictnamespace}"),
            all("""
                SELECT 'text search parser', {qualified n.nspname p.prsname},
                       concat_ws(' ', {procedure p.prsstart}, {procedure p.prstoken}, {procedure p.prsend},
                                 COALESCE({procedure p.prsheadline}, '-'), {procedure p.prslextype}) AS functions,
                       {comment pg_ts_parser p.oid} AS comment
                  FROM pg_ts_parser AS p JOIN pg_namespace AS n ON n.oid = p.prsnamespace
                 WHERE {user_schema} AND {own pg_ts_parser p.oid}
                """).onlyIf("{theirs pg_ts_parser prsnamespace}"),
            all("""
                SELECT 'text search template', {qualified n.nspname t.tmplname},
                       concat_ws(' ', COALESCE({procedure t.tmplinit}, '-'), {procedure t.tmpllexize}) AS functions,
                       {comment pg_ts_template t.oid} AS comment
                  FROM pg_ts_template AS t JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
                 WHERE {user_schema} AND {own pg_ts_template t.oid}
                """).onlyIf("{theirs pg_ts_template tmplnamespace}"),
            since(ServerVersion.V10, """
                SELECT 'statistics', {qualified n.nspname s.stxname}, {role s.stxowner} AS owner,
                       {qualified cn.nspname c.relname} AS "table",
                       (SELECT string_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' WHEN 'm' THEN 'mcv' END,
                                          ', ' ORDER BY k) FROM unnest(s.stxkind) AS k WHERE k <> 'e') AS kinds,
                       (SELECT string_agg({name a.attname}, ', ' ORDER BY a.attnum)
                          FROM pg_attribute AS a WHERE a.attrelid = s.stxrelid
                              AND a.attnum = ANY (s.stxkeys::int2[])) AS columns,
                       {since 14: array_to_string(pg_get_statisticsobjdef_expressions(s.oid), ', ')} AS expressions,
                       {since 13: CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::text END} AS "statistics target",
                       {comment pg_statistic_ext s.oid} AS comment
                  FROM pg_statistic_ext AS s
                  JOIN pg_namespace AS n ON n.oid = s.stxnamespace
                  JOIN pg_class AS c ON c.oid = s.stxrelid JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
                 WHERE {user_schema} AND {own pg_statistic_ext s.oid}
                """).onlyIf("{theirs pg_statistic_ext stxnamespace}"));

    private TypeQueries() {}
}
