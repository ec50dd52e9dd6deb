package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.USER_SCHEMA;
import static io.pgconvoy.verify.inventory.CatalogSql.comment;
import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.notOfExtension;
import static io.pgconvoy.verify.inventory.CatalogSql.privileges;
import static io.pgconvoy.verify.inventory.CatalogSql.privilegesOf;
import static io.pgconvoy.verify.inventory.CatalogSql.qualified;
import static io.pgconvoy.verify.inventory.CatalogSql.role;
import static io.pgconvoy.verify.inventory.CatalogSql.sorted;
import static io.pgconvoy.verify.inventory.CatalogSql.yes;

import io.pgconvoy.postgres.ServerVersion;
import java.util.List;

/** What pg_class and pg_attribute say: tables, views, sequences, composite types, and their columns. */
final class RelationQueries {
    /** The attribute of a view that lists what it reads. */
    static final String REFERS_TO = "refers to";

    private static final String KIND = """
            CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                           WHEN 'S' THEN 'sequence' ELSE 'table' END""";

    private RelationQueries() {}

    static List<CatalogQuery> of(ServerVersion version) {
        return List.of(relations(version), parents(), columns(version), viewReferences(), ownedSequences());
    }

    private static CatalogQuery relations(ServerVersion version) {
        String defaults = "acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner)";
        boolean partitions = version.isAtLeast(ServerVersion.V10);
        boolean accessMethods = version.isAtLeast(ServerVersion.V12);
        return new CatalogQuery("""
                SELECT %s, %s,
                       %s AS owner,
                       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
                       (SELECT %s FROM pg_tablespace AS ts WHERE ts.oid = c.reltablespace) AS tablespace,
                       %s AS options,
                       (SELECT %s FROM pg_class AS t WHERE t.oid = c.reltoastrelid) AS "toast options",
                       CASE WHEN c.relkind IN ('r', 'p', 'm') THEN
                           CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END
                       END AS "replica identity",
                       %s AS "row security", %s AS "forced row security",
                       CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END AS populated,
                       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "of type",
                       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
                       %s AS "partition key", %s AS "partition bound", %s AS "access method", %s AS "has oids",
                       (SELECT %s FROM pg_foreign_table AS ft JOIN pg_foreign_server AS fs ON fs.oid = ft.ftserver
                         WHERE ft.ftrelid = c.oid) AS server,
                       (SELECT %s FROM pg_foreign_table AS ft WHERE ft.ftrelid = c.oid) AS "foreign options",
                       %s AS privileges, %s AS comment
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND %s AND %s
                """.formatted(
                        KIND,
                        qualified("n.nspname", "c.relname"),
                        role("c.relowner"),
                        name("ts.spcname"),
                        sorted("c.reloptions"),
                        sorted("t.reloptions"),
                        yes("c.relrowsecurity"),
                        yes("c.relforcerowsecurity"),
                        partitions ? "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END" : "NULL",
                        partitions ? "CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END" : "NULL",
                        accessMethods
                                ? "(SELECT am.amname::text FROM pg_am AS am WHERE am.oid = c.relam AND am.amname <> 'heap')"
                                : "NULL",
                        accessMethods ? "NULL" : yes("c.relhasoids"),
                        name("fs.srvname"),
                        sorted("ft.ftoptions"),
                        privileges("c.relacl", defaults, "c.relowner"),
                        comment("pg_class", "c.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    private static CatalogQuery parents() {
        return new CatalogQuery("""
                SELECT %s, %s, string_agg(%s, ', ' ORDER BY i.inhseqno) AS %s
                  FROM pg_inherits AS i
                  JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_class AS p ON p.oid = i.inhparent JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND %s AND %s
                 GROUP BY c.oid, c.relkind, c.relname, n.nspname
                """.formatted(
                        KIND,
                        qualified("n.nspname", "c.relname"),
                        qualified("pn.nspname", "p.relname"),
                        InventoryReader.INHERITS,
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    private static CatalogQuery columns(ServerVersion version) {
        boolean generated = version.isAtLeast(ServerVersion.V12);
        return new CatalogQuery("""
                SELECT CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END,
                       %s || ' of ' || %s,
                       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)::text AS position,
                       format_type(a.atttypid, a.atttypmod) AS type,
                       %s AS "not null",
                       CASE WHEN a.atthasdef THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d
                                                    WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS "default",
                       %s AS generated, %s AS identity, %s AS compression,
                       CASE WHEN a.attstorage <> t.typstorage AND c.relkind NOT IN ('v', 'c') THEN
                           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                             ELSE 'extended' END END AS storage,
                       CASE WHEN a.attstattarget >= 0 AND c.relkind NOT IN ('v', 'c')
                           THEN a.attstattarget::text END AS "statistics target",
                       CASE WHEN a.attoptions IS NOT NULL THEN
                           (SELECT string_agg(u.e, ', ' ORDER BY u.e COLLATE "C") FROM unnest(a.attoptions) AS u(e)
                             WHERE u.e !~ '^pg_attver=') END AS options,
                       CASE WHEN a.attfdwoptions IS NOT NULL THEN %s END AS "foreign options",
                       CASE WHEN a.attcollation <> t.typcollation THEN
                           (SELECT %s FROM pg_collation AS co JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
                             WHERE co.oid = a.attcollation) END AS collation,
                       %s AS privileges, z.description AS comment
                  FROM pg_attribute AS a
                  JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_type AS t ON t.oid = a.atttypid
                  LEFT JOIN pg_description AS z
                         ON z.classoid = 'pg_catalog.pg_class'::regclass AND z.objoid = c.oid AND z.objsubid = a.attnum
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.relpersistence <> 't'
                   AND a.attnum > 0 AND NOT a.attisdropped AND %s AND %s
                   AND (c.relkind <> 'c' OR %s)
                """.formatted(
                        name("a.attname"),
                        qualified("n.nspname", "c.relname"),
                        yes("a.attnotnull"),
                        generated ? "CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END" : "NULL",
                        version.isAtLeast(ServerVersion.V10)
                                ? "CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END"
                                : "NULL",
                        version.isAtLeast(ServerVersion.V14)
                                ? "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END"
                                : "NULL",
                        sorted("a.attfdwoptions"),
                        qualified("cn.nspname", "co.collname"),
                        privileges("a.attacl", "NULL::aclitem[]", "c.relowner"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid"),
                        notOfExtension("pg_type", "c.reltype")));
    }

    /** What a view reads, which is the same however a version prints the query. */
    private static CatalogQuery viewReferences() {
        return new CatalogQuery("""
                SELECT %s, %s, string_agg(DISTINCT r.name, ', ' ORDER BY r.name) AS "%s"
                  FROM %s AS r
                  JOIN pg_class AS c ON c.oid = r.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND %s AND %s
                 GROUP BY c.oid, c.relkind, c.relname, n.nspname
                """.formatted(
                        KIND,
                        qualified("n.nspname", "c.relname"),
                        REFERS_TO,
                        references(),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    /** The columns and functions that each view reads: {@code ev_class} is the view, {@code name} one of them. */
    static String references() {
        return """
                (SELECT w.ev_class,
                        CASE d.refclassid
                            WHEN 'pg_catalog.pg_class'::regclass THEN
                                (SELECT %s || '.' || %s FROM pg_class AS fc
                                   JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
                                   JOIN pg_attribute AS fa ON fa.attrelid = fc.oid AND fa.attnum = d.refobjsubid
                                  WHERE fc.oid = d.refobjid)
                            ELSE %s END COLLATE "C" AS name
                   FROM pg_rewrite AS w
                   JOIN pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
                  WHERE w.rulename = '_RETURN' AND d.deptype = 'n'
                    AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
                             AND d.refobjid <> w.ev_class
                         OR d.refclassid = 'pg_catalog.pg_proc'::regclass))""".formatted(
                        qualified("fn.nspname", "fc.relname"), name("fa.attname"), CatalogSql.procedure("d.refobjid"));
    }

    private static CatalogQuery ownedSequences() {
        return new CatalogQuery("""
                SELECT 'sequence', %s, %s || ' of ' || %s AS "owned by"
                  FROM pg_depend AS d
                  JOIN pg_class AS c ON c.oid = d.objid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  JOIN pg_class AS o ON o.oid = d.refobjid JOIN pg_namespace AS m ON m.oid = o.relnamespace
                  JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
                   AND d.objsubid = 0 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
                   AND c.relkind = 'S' AND c.relpersistence <> 't' AND %s AND %s
                """.formatted(
                        qualified("n.nspname", "c.relname"),
                        name("a.attname"),
                        qualified("m.nspname", "o.relname"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    /** Indexes, constraints, triggers, rules, policies: what hangs on a table. */
    static List<CatalogQuery> attached(ServerVersion version) {
        return List.of(indexes(version), constraints(version), triggers(version), rules(), policies(version));
    }

    private static CatalogQuery indexes(ServerVersion version) {
        boolean partitioned = version.isAtLeast(ServerVersion.V11);
        return new CatalogQuery("""
                SELECT 'index', %s,
                       %s AS "table",
                       pg_get_indexdef(i.indexrelid) AS definition,
                       CASE WHEN NOT i.indisvalid THEN 'no' END AS valid,
                       %s AS clustered, %s AS "replica identity",
                       (SELECT %s FROM pg_tablespace AS ts WHERE ts.oid = c.reltablespace) AS tablespace,
                       %s AS "part of", %s AS "statistics targets",
                       %s AS comment
                  FROM pg_index AS i
                  JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
                  JOIN pg_namespace AS n ON n.oid = t.relnamespace
                 WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND %s AND %s
                """.formatted(
                        qualified("n.nspname", "c.relname"),
                        qualified("n.nspname", "t.relname"),
                        yes("i.indisclustered"),
                        yes("i.indisreplident"),
                        name("ts.spcname"),
                        partitioned ? """
                                  (SELECT %s FROM pg_inherits AS h JOIN pg_class AS p ON p.oid = h.inhparent
                                     JOIN pg_namespace AS pn ON pn.oid = p.relnamespace WHERE h.inhrelid = c.oid)
                                  """.formatted(qualified("pn.nspname", "p.relname")) : "NULL",
                        partitioned ? """
                                  CASE WHEN i.indexprs IS NOT NULL THEN
                                      (SELECT string_agg(a.attnum::text || ': ' || a.attstattarget::text, ', ' ORDER BY a.attnum)
                                         FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) END
                                  """ : "NULL",
                        comment("pg_class", "c.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "t.oid")));
    }

    private static CatalogQuery constraints(ServerVersion version) {
        // Foreign keys of partitions follow from their parents', under names that each server chooses.
        String ownForeignKeys =
                version.isAtLeast(ServerVersion.V11) ? "(k.contype <> 'f' OR k.conparentid = 0)" : "true";
        return new CatalogQuery("""
                SELECT CASE k.contype WHEN 'n' THEN 'not-null constraint' ELSE 'constraint' END,
                       %s || ' on ' || COALESCE(%s, %s),
                       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
                       CASE WHEN NOT k.convalidated THEN 'no' END AS validated,
                       CASE WHEN k.contype = 'f' THEN
                           (SELECT CASE WHEN bool_or(g.tgenabled <> 'O') THEN 'disabled or not as usual' END
                              FROM pg_trigger AS g WHERE g.tgconstraint = k.oid) END AS triggers,
                       %s AS comment
                  FROM pg_constraint AS k
                  JOIN pg_namespace AS n ON n.oid = k.connamespace
                  LEFT JOIN pg_class AS c ON c.oid = k.conrelid AND k.conrelid <> 0
                  LEFT JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
                  LEFT JOIN pg_type AS t ON t.oid = k.contypid AND k.contypid <> 0
                  LEFT JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
                 WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND %s
                   AND (c.oid IS NOT NULL AND c.relpersistence <> 't' AND %s
                        OR t.oid IS NOT NULL AND k.contype <> 'n' AND %s)
                   AND %s
                """.formatted(
                        name("k.conname"),
                        qualified("cn.nspname", "c.relname"),
                        qualified("tn.nspname", "t.typname"),
                        comment("pg_constraint", "k.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid"),
                        notOfExtension("pg_type", "t.oid"),
                        ownForeignKeys));
    }

    private static CatalogQuery triggers(ServerVersion version) {
        // A partition's copy of its parent's trigger counts only where it is switched otherwise, as for pg_dump. From
        // 11
        // to 14 each copy is internal, also one that has copies itself; the triggers of foreign keys are no users'.
        String own = version.isAtLeast(ServerVersion.V11) ? """
                  CASE WHEN EXISTS (%1$s)
                       THEN EXISTS (%1$s AND up.tgenabled <> g.tgenabled)
                            AND NOT EXISTS (SELECT FROM pg_constraint AS k
                                             WHERE k.oid = g.tgconstraint AND k.contype = 'f')
                       ELSE NOT g.tgisinternal END""".formatted("""
                  SELECT FROM pg_depend AS d JOIN pg_trigger AS up ON up.oid = d.refobjid
                   WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = g.oid
                     AND d.refclassid = 'pg_catalog.pg_trigger'::regclass""") : "NOT g.tgisinternal";
        return new CatalogQuery("""
                SELECT 'trigger', %s || ' on ' || %s,
                       pg_get_triggerdef(g.oid) AS definition,
                       CASE g.tgenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       %s AS comment
                  FROM pg_trigger AS g
                  JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND %s AND %s AND %s
                """.formatted(
                        name("g.tgname"),
                        qualified("n.nspname", "c.relname"),
                        comment("pg_trigger", "g.oid"),
                        own,
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    private static CatalogQuery rules() {
        return new CatalogQuery("""
                SELECT 'rule', %s || ' on ' || %s,
                       pg_get_ruledef(w.oid) AS definition,
                       CASE w.ev_enabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
                           AS enabled,
                       %s AS comment
                  FROM pg_rewrite AS w
                  JOIN pg_class AS c ON c.oid = w.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE w.rulename <> '_RETURN' AND c.relpersistence <> 't' AND %s AND %s
                """.formatted(
                        name("w.rulename"),
                        qualified("n.nspname", "c.relname"),
                        comment("pg_rewrite", "w.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid")));
    }

    private static CatalogQuery policies(ServerVersion version) {
        return new CatalogQuery("""
                SELECT 'policy', %s || ' on ' || %s,
                       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                     WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
                       (SELECT string_agg(u.role, ', ' ORDER BY u.role COLLATE "C")
                          FROM (SELECT CASE WHEN x = 0 THEN 'PUBLIC' ELSE %s END AS role FROM unnest(p.polroles) AS x)
                               AS u) AS roles,
                       pg_get_expr(p.polqual, p.polrelid) AS "using",
                       pg_get_expr(p.polwithcheck, p.polrelid) AS "with check",
                       %s AS restrictive,
                       %s AS comment
                  FROM pg_policy AS p
                  JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND %s
                """.formatted(
                        name("p.polname"),
                        qualified("n.nspname", "c.relname"),
                        role("x"),
                        version.isAtLeast(ServerVersion.V10) ? yes("NOT p.polpermissive") : "NULL",
                        comment("pg_policy", "p.oid"),
                        USER_SCHEMA));
    }

    /** From 10 on. */
    static String sequenceParameters() {
        return """
                SELECT 'sequence', %s, format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start,
                       s.seqincrement::text AS increment, s.seqmin::text AS minimum, s.seqmax::text AS maximum,
                       s.seqcache::text AS cache, %s AS cycle
                  FROM pg_sequence AS s
                  JOIN pg_class AS c ON c.oid = s.seqrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relpersistence <> 't' AND %s AND %s
                """.formatted(
                        qualified("n.nspname", "c.relname"),
                        yes("s.seqcycle"),
                        USER_SCHEMA,
                        notOfExtension("pg_class", "c.oid"));
    }

    /** What {@link #relations} leaves out: the sequences whose values this user may read, with their raw names. */
    static String readableSequences() {
        return """
                SELECT %s, n.nspname::text, c.relname::text
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND %s AND %s
                   AND has_schema_privilege(n.oid, 'USAGE')
                   -- A CASE, since a condition beside it may be looked at later.
                   AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END
                 ORDER BY c.oid
                """.formatted(qualified("n.nspname", "c.relname"), USER_SCHEMA, notOfExtension("pg_class", "c.oid"));
    }

    /** For schemas: kept here, because the same owners and privileges are read. */
    static CatalogQuery schemas() {
        return new CatalogQuery("""
                SELECT 'schema', %s, %s AS owner, %s AS privileges, %s AS comment
                  FROM pg_namespace AS n
                 WHERE %s AND %s
                """.formatted(
                        name("n.nspname"),
                        role("n.nspowner"),
                        privilegesOf("n", "n.nspacl", "n.nspowner"),
                        comment("pg_namespace", "n.oid"),
                        USER_SCHEMA,
                        notOfExtension("pg_namespace", "n.oid")));
    }
}
