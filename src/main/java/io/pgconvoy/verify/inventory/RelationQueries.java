package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogQuery.all;
import static io.pgconvoy.verify.inventory.CatalogQuery.since;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** Schemas, tables, views, sequences, composite types, their columns, and what hangs on them. */
final class RelationQueries {
    /** The attribute of a view that lists what it reads. */
    static final String REFERS_TO = "refers to";

    static final List<CatalogQuery> ALL = List.of(
            all("""
                SELECT 'schema', {name n.nspname}, {role n.nspowner} AS owner,
                       {privileges n n.nspacl n.nspowner} AS privileges, {comment pg_namespace n.oid} AS comment
                  FROM pg_namespace AS n
                 WHERE {user_schema} AND {own pg_namespace n.oid}
                """),
            all("""
                SELECT {relation_kind}, {qualified n.nspname c.relname},
                       {role c.relowner} AS owner,
                       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
                       (SELECT {name ts.spcname} FROM pg_tablespace AS ts WHERE ts.oid = c.reltablespace) AS tablespace,
                       {sorted c.reloptions} AS options,
                       (SELECT {sorted t.reloptions} FROM pg_class AS t
                           WHERE t.oid = c.reltoastrelid) AS "toast options",
                       CASE WHEN c.relkind IN ('r', 'p', 'm') THEN
                           CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END
                       END AS "replica identity",
                       {yes c.relrowsecurity} AS "row security", {yes c.relforcerowsecurity} AS "forced row security",
                       CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END AS populated,
                       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "of type",
                       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
                       {since 10: CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END} AS "partition key",
                       {since 10: CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END} AS "partition bound",
                       {since 12: (SELECT am.amname::text FROM pg_am AS am
                                   WHERE am.oid = c.relam AND am.amname <> 'heap')} AS "access method",
                       {since 12: NULL otherwise {yes c.relhasoids}} AS "has oids",
                       (SELECT {name fs.srvname} FROM pg_foreign_table AS ft
                           JOIN pg_foreign_server AS fs ON fs.oid = ft.ftserver
                         WHERE ft.ftrelid = c.oid) AS server,
                       (SELECT {sorted ft.ftoptions} FROM pg_foreign_table AS ft
                           WHERE ft.ftrelid = c.oid) AS "foreign options",
                       {acl c.relacl; acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner);
                            c.relowner} AS privileges,
                       {comment pg_class c.oid} AS comment
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND {user_schema}
                     AND {own pg_class c.oid}
                """).onlyIf("{theirs pg_class relnamespace}"),
            all("""
                SELECT {relation_kind}, {qualified n.nspname c.relname}, string_agg({qualified pn.nspname p.relname},
                    ', ' ORDER BY i.inhseqno) AS inherits
                  FROM pg_inherits AS i
                  JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_class AS p ON p.oid = i.inhparent JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND {user_schema}
                     AND {own pg_class c.oid}
                 GROUP BY c.oid, c.relkind, c.relname, n.nspname
                """).onlyIf("{any pg_inherits}"),
            all("""
                SELECT CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END,
                       {name a.attname} || ' of ' || {qualified n.nspname c.relname},
                       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)::text AS position,
                       format_type(a.atttypid, a.atttypmod) AS type,
                       {yes a.attnotnull} AS "not null",
                       CASE WHEN a.atthasdef THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d
                                                    WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS "default",
                       {since 12: CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END} AS generated,
                       {since 10: CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END} AS identity,
                       {since 14: CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END} AS compression,
                       CASE WHEN a.attstorage <> t.typstorage AND c.relkind NOT IN ('v', 'c') THEN
                           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                             ELSE 'extended' END END AS storage,
                       CASE WHEN a.attstattarget >= 0 AND c.relkind NOT IN ('v', 'c')
                           THEN a.attstattarget::text END AS "statistics target",
                       CASE WHEN a.attoptions IS NOT NULL THEN
                           (SELECT string_agg(u.e, ', ' ORDER BY u.e COLLATE "C") FROM unnest(a.attoptions) AS u(e)
                             WHERE u.e !~ '^pg_attver=') END AS options,
                       CASE WHEN a.attfdwoptions IS NOT NULL THEN {sorted a.attfdwoptions} END AS "foreign options",
                       CASE WHEN a.attcollation <> t.typcollation THEN
                           (SELECT {qualified cn.nspname co.collname} FROM pg_collation AS co
                               JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = a.attcollation) END AS collation,
                       {acl a.attacl; NULL::aclitem[]; c.relowner} AS privileges, z.description AS comment
                  FROM pg_attribute AS a
                  JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_type AS t ON t.oid = a.atttypid
                  LEFT JOIN pg_description AS z
                         ON z.classoid = 'pg_catalog.pg_class'::regclass AND z.objoid = c.oid AND z.objsubid = a.attnum
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't'
                   AND a.attnum > 0 AND NOT a.attisdropped AND {user_schema} AND {own pg_class c.oid}
                   AND (c.relkind <> 'c' OR {own pg_type c.reltype})
                """).onlyIf("{theirs pg_class relnamespace}"),
            // What a view reads, which is the same however a version prints the query.
            all("""
                SELECT {relation_kind}, {qualified n.nspname c.relname},
                       string_agg(DISTINCT r.name, ', ' ORDER BY r.name) AS "refers to"
                  FROM {references} AS r
                  JOIN pg_class AS c ON c.oid = r.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
                 GROUP BY c.oid, c.relkind, c.relname, n.nspname
                """).onlyIf("{relations 'v', 'm'}"),
            all("""
                SELECT 'sequence', {qualified n.nspname c.relname},
                       {name a.attname} || ' of ' || {qualified m.nspname o.relname} AS "owned by"
                  FROM pg_depend AS d
                  JOIN pg_class AS c ON c.oid = d.objid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_class AS o ON o.oid = d.refobjid JOIN pg_namespace AS m ON m.oid = o.relnamespace
                  JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
                   AND d.objsubid = 0 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
                   AND c.relkind = 'S' AND c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
                """).onlyIf("{relations 'S'}"),
            all("""
                SELECT 'index', {qualified n.nspname c.relname},
                       {qualified n.nspname t.relname} AS "table",
                       pg_get_indexdef(i.indexrelid) AS definition,
                       CASE WHEN NOT i.indisvalid THEN 'no' END AS valid,
                       {yes i.indisclustered} AS clustered, {yes i.indisreplident} AS "replica identity",
                       (SELECT {name ts.spcname} FROM pg_tablespace AS ts WHERE ts.oid = c.reltablespace) AS tablespace,
                       {since 11: (SELECT {qualified pn.nspname p.relname} FROM pg_inherits AS h
                                     JOIN pg_class AS p ON p.oid = h.inhparent
                                     JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
                                    WHERE h.inhrelid = c.oid)} AS "part of",
                       {since 11: CASE WHEN i.indexprs IS NOT NULL THEN
                           (SELECT string_agg(a.attnum::text || ': ' || a.attstattarget::text, ', ' ORDER BY a.attnum)
                              FROM pg_attribute AS a
                             WHERE a.attrelid = c.oid AND a.attstattarget >= 0) END} AS "statistics targets",
                       {comment pg_class c.oid} AS comment
                  FROM pg_index AS i
                  JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
                  JOIN pg_namespace AS n ON n.oid = t.relnamespace
                 WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND {user_schema}
                   AND {own pg_class t.oid}
                """).onlyIf("{theirs pg_class relnamespace}"),
            // Foreign keys of partitions follow from their parents', under names that each server chooses.
            all("""
                SELECT CASE k.contype WHEN 'n' THEN 'not-null constraint' ELSE 'constraint' END,
                       {name k.conname} || ' on '
                           || COALESCE({qualified cn.nspname c.relname}, {qualified tn.nspname t.typname}),
                       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
                       CASE WHEN NOT k.convalidated THEN 'no' END AS validated,
                       CASE WHEN k.contype = 'f' THEN
                           (SELECT CASE WHEN bool_or(g.tgenabled <> 'O') THEN 'disabled or not as usual' END
                              FROM pg_trigger AS g WHERE g.tgconstraint = k.oid) END AS triggers,
                       {comment pg_constraint k.oid} AS comment
                  FROM pg_constraint AS k
                  JOIN pg_namespace AS n ON n.oid = k.connamespace
                  LEFT JOIN pg_class AS c ON c.oid = k.conrelid AND k.conrelid <> 0
                  LEFT JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
                  LEFT JOIN pg_type AS t ON t.oid = k.contypid AND k.contypid <> 0
                  LEFT JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
                 WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND {user_schema}
                   AND (c.oid IS NOT NULL AND c.relpersistence <> 't' AND {own pg_class c.oid}
                        OR t.oid IS NOT NULL AND k.contype <> 'n' AND {own pg_type t.oid})
                   AND {since 11: (k.contype <> 'f' OR k.conparentid = 0) otherwise true}
                """).onlyIf("{theirs pg_constraint connamespace}"),
            // A partition's copy of its parent's trigger counts only where it is switched otherwise, as for
            // pg_dump. From 11 to 14 each copy is internal, also one that has copies itself; the triggers of
            // foreign keys are no users'.
            all("""
                SELECT 'trigger', {name g.tgname} || ' on ' || {qualified n.nspname c.relname},
                       pg_get_triggerdef(g.oid) AS definition,
                       CASE g.tgenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       {comment pg_trigger g.oid} AS comment
                  FROM pg_trigger AS g
                  JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
                   AND {since 11: CASE WHEN EXISTS ({copied_trigger})
                                       THEN EXISTS ({copied_trigger} AND up.tgenabled <> g.tgenabled)
                                            AND NOT EXISTS (SELECT FROM pg_constraint AS k
                                                             WHERE k.oid = g.tgconstraint AND k.contype = 'f')
                                       ELSE NOT g.tgisinternal END
                        otherwise NOT g.tgisinternal}
                """).onlyIf("EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)"),
            all("""
                SELECT 'rule', {name w.rulename} || ' on ' || {qualified n.nspname c.relname},
                       pg_get_ruledef(w.oid) AS definition,
                       CASE w.ev_enabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       {comment pg_rewrite w.oid} AS comment
                  FROM pg_rewrite AS w
                  JOIN pg_class AS c ON c.oid = w.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE w.rulename <> '_RETURN' AND c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
                """).onlyIf("""
                        EXISTS (SELECT FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class
                                 WHERE w.rulename <> '_RETURN' AND {is_theirs c.relnamespace})"""),
            all("""
                SELECT 'policy', {name p.polname} || ' on ' || {qualified n.nspname c.relname},
                       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                     WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
                       (SELECT string_agg(u.role, ', ' ORDER BY u.role COLLATE "C")
                          FROM (SELECT CASE WHEN x = 0 THEN 'PUBLIC' ELSE {role x} END AS role
                                  FROM unnest(p.polroles) AS x) AS u) AS roles,
                       pg_get_expr(p.polqual, p.polrelid) AS "using",
                       pg_get_expr(p.polwithcheck, p.polrelid) AS "with check",
                       {since 10: {yes NOT p.polpermissive}} AS restrictive,
                       {comment pg_policy p.oid} AS comment
                  FROM pg_policy AS p
                  JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND {user_schema}
                """).onlyIf("{any pg_policy}"),
            // Before 10, a sequence's parameters are in itself.
            since(ServerVersion.V10, """
                SELECT 'sequence', {qualified n.nspname c.relname}, format_type(s.seqtypid, NULL) AS type,
                       s.seqstart::text AS start,
                       s.seqincrement::text AS increment, s.seqmin::text AS minimum, s.seqmax::text AS maximum,
                       s.seqcache::text AS cache, {yes s.seqcycle} AS cycle
                  FROM pg_sequence AS s
                  JOIN pg_class AS c ON c.oid = s.seqrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
                """).onlyIf("{relations 'S'}"));

    /** The sequences whose values this user may read, with their raw names. */
    static final CatalogQuery READABLE_SEQUENCES = all("""
            SELECT {qualified n.nspname c.relname}, n.nspname::text, c.relname::text
              FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND {user_schema} AND {own pg_class c.oid}
               AND has_schema_privilege(n.oid, 'USAGE')
               -- A CASE, since a condition beside it may be looked at later.
               AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END
             ORDER BY c.oid
            """);

    private RelationQueries() {}
}
