package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the extensions of a database consist of, and what of their rows pg_dump leaves out. */
public final class ExtensionMembers {
    /** More rows than these count as so many. */
    private static final long COUNTED = 1_000_000;

    /** The contents of a table with more rows than these are not read. */
    private static final long READ = 100_000;

    /** How a privilege ends that everybody has. */
    public static final String TO_PUBLIC = " to PUBLIC";

    /**
     * Every member of every extension, and every index, constraint, trigger, rule, policy and column of a table that is one.
     * Columns: {@code extension, identity, parent, transaction, extension_transaction, before, compiled, definition}.
     */
    public static final String QUERY = """
            WITH member AS (
                SELECT e.extname, e.xmin::text::bigint AS made, d.classid, d.objid, d.xmin::text::bigint AS added,
                       -- What a script makes is a member from its first moment on, an operator class one command later.
                       CASE WHEN o.transaction = d.xmin::text THEN
                           o.command::text::bigint + CASE WHEN d.classid = 'pg_opclass'::regclass THEN 1 ELSE 0 END
                               < d.cmin::text::bigint END AS before
                  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
                  -- Looked up one by one: where extensions were made a moment ago, the statistics know nothing of them.
                  LEFT JOIN LATERAL (%s) AS o ON true
                 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            ), part (relation, class, object, sub, added) AS (
                SELECT i.indrelid, 'pg_class'::regclass::oid, i.indexrelid, 0, i.xmin::text::bigint FROM pg_index AS i
                 WHERE NOT EXISTS (SELECT FROM pg_constraint AS k
                                    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
                UNION ALL
                SELECT k.conrelid, 'pg_constraint'::regclass, k.oid, 0, k.xmin::text::bigint FROM pg_constraint AS k
                 WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
                UNION ALL
                SELECT g.tgrelid, 'pg_trigger'::regclass, g.oid, 0, g.xmin::text::bigint FROM pg_trigger AS g
                 WHERE NOT g.tgisinternal
                UNION ALL
                SELECT r.ev_class, 'pg_rewrite'::regclass, r.oid, 0, r.xmin::text::bigint FROM pg_rewrite AS r
                 WHERE r.rulename <> '_RETURN'
                UNION ALL
                SELECT l.polrelid, 'pg_policy'::regclass, l.oid, 0, l.xmin::text::bigint FROM pg_policy AS l
                UNION ALL
                SELECT a.attrelid, 'pg_class'::regclass, a.attrelid, a.attnum::integer, a.xmin::text::bigint
                  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f')
                 WHERE a.attnum > 0 AND NOT a.attisdropped
            ), own (extension, made, class, object, sub, relation, added, before) AS (
                SELECT m.extname, m.made, m.classid, m.objid, 0, NULL::oid, m.added, m.before FROM member AS m
                UNION ALL
                SELECT m.extname, m.made, p.class, p.object, p.sub, p.relation, p.added, NULL::boolean
                  FROM member AS m JOIN part AS p ON p.relation = m.objid
                 WHERE m.classid = 'pg_class'::regclass
            )
            SELECT o.extension::text AS extension,
                   -- Newer servers leave this schema out where a keyword names the type.
                   i.type || ' ' || replace(i.identity, 'pg_catalog.', '') AS identity,
                   t.type || ' ' || t.identity AS parent, o.added AS transaction, o.made AS extension_transaction,
                   o.before,
                   CASE o.class
                       WHEN 'pg_proc'::regclass THEN l.lanname IN ('c', 'internal')
                       WHEN 'pg_operator'::regclass THEN l.lanname IN ('c', 'internal')
                       WHEN 'pg_cast'::regclass THEN coalesce(l.lanname IN ('c', 'internal'), true)
                       WHEN 'pg_type'::regclass THEN EXISTS (SELECT FROM pg_type AS y WHERE y.oid = o.object AND y.typtype = 'b')
                       ELSE o.class IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass) END AS compiled,
                   CASE o.class
                       WHEN 'pg_proc'::regclass THEN
                           md5(concat_ws(' ', l.lanname, p.prosrc, p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof,
                                         array_to_string(p.proconfig, ' ')))
                       -- Of what follows only that which servers of all versions tell in the same words.
                       WHEN 'pg_class'::regclass THEN CASE WHEN o.sub = 0 THEN
                           (SELECT CASE WHEN c.relkind = 'v' THEN
                                       (SELECT md5(string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                                                              ORDER BY a.attnum))
                                          FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0)
                                   ELSE md5(concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
                                                      c.reloptions::text)) END
                              FROM pg_class AS c WHERE c.oid = o.object AND c.relkind IN ('r', 'p', 'f', 'v'))
                       ELSE
                           (SELECT md5(concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef))
                              FROM pg_attribute AS a WHERE a.attrelid = o.object AND a.attnum = o.sub) END
                       WHEN 'pg_trigger'::regclass THEN
                           (SELECT g.tgenabled::text FROM pg_trigger AS g WHERE g.oid = o.object)
                       WHEN 'pg_type'::regclass THEN
                           (SELECT CASE y.typtype
                                   WHEN 'e' THEN (SELECT md5(string_agg(m.enumlabel, ', ' ORDER BY m.enumsortorder))
                                                    FROM pg_enum AS m WHERE m.enumtypid = y.oid)
                                   WHEN 'd' THEN md5(concat_ws(' ', y.typnotnull, y.typdefault,
                                                               (SELECT count(*) FROM pg_constraint AS k
                                                                 WHERE k.contypid = y.oid AND k.contype = 'c')))
                                   WHEN 'c' THEN (SELECT md5(string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                                                                        ORDER BY a.attnum))
                                                    FROM pg_attribute AS a
                                                   WHERE a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
                              FROM pg_type AS y WHERE y.oid = o.object)
                       WHEN 'pg_ts_config'::regclass THEN
                           (SELECT md5(string_agg(m.maptokentype::text || ' ' || d.dictname, ', '
                                                  ORDER BY m.maptokentype, m.mapseqno))
                              FROM pg_ts_config_map AS m JOIN pg_ts_dict AS d ON d.oid = m.mapdict WHERE m.mapcfg = o.object)
                       WHEN 'pg_ts_dict'::regclass THEN
                           (SELECT md5(coalesce(d.dictinitoption, '')) FROM pg_ts_dict AS d WHERE d.oid = o.object)
                       END AS definition
              FROM own AS o
             CROSS JOIN LATERAL pg_identify_object(o.class, o.object, o.sub) AS i
              LEFT JOIN LATERAL pg_identify_object('pg_class'::regclass, o.relation, 0) AS t ON o.relation IS NOT NULL
              LEFT JOIN pg_operator AS x ON o.class = 'pg_operator'::regclass AND x.oid = o.object
              LEFT JOIN pg_cast AS k ON o.class = 'pg_cast'::regclass AND k.oid = o.object
              LEFT JOIN pg_proc AS p ON p.oid = CASE o.class WHEN 'pg_proc'::regclass THEN o.object
                                                             WHEN 'pg_operator'::regclass THEN x.oprcode
                                                             WHEN 'pg_cast'::regclass THEN k.castfunc END
              LEFT JOIN pg_language AS l ON l.oid = p.prolang
            """.formatted(Stream.of(
                    "proc",
                    "class",
                    "type",
                    "operator",
                    "opclass",
                    "opfamily",
                    "cast",
                    "language",
                    "namespace",
                    "foreign_data_wrapper",
                    "foreign_server",
                    "event_trigger",
                    "ts_dict",
                    "ts_config",
                    "ts_parser",
                    "ts_template",
                    "collation",
                    "conversion",
                    "am")
            .map(catalog -> """
                    SELECT xmin::text AS transaction, cmin AS command FROM pg_%1$s
                     WHERE oid = d.objid AND d.classid = 'pg_%1$s'::regclass AND oid >= 16384""".formatted(catalog))
            .collect(Collectors.joining("\nUNION ALL\n")));

    /**
     * Which rows of the catalogs tell of the members, and which transaction wrote each of these; null where there are others
     * than functions and languages.
     */
    public static final String ROWS = """
            SELECT CASE WHEN bool_and(p.oid IS NOT NULL OR l.oid IS NOT NULL) THEN
                       string_agg(concat_ws(' ', d.classid, d.objid, d.xmin, d.cmin, e.oid, e.xmin, e.extname, p.xmin, l.xmin), ', '
                                  ORDER BY d.classid, d.objid) END
              FROM pg_depend AS d
              JOIN pg_extension AS e ON e.oid = d.refobjid
              LEFT JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
              LEFT JOIN pg_language AS l ON d.classid = 'pg_language'::regclass AND l.oid = d.objid
             WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            """;

    private ExtensionMembers() {}

    /**
     * Who may do what with members, without what their owners may: texts such as {@code USAGE on foreign-data wrapper w to r},
     * and those for {@code PUBLIC}.
     */
    public static Set<String> privileges(Session session) {
        return new TreeSet<>(session.texts("""
                SELECT a.privilege_type || ' on ' || i.type || ' ' || replace(i.identity, 'pg_catalog.', '')
                           || CASE WHEN a.grantee = 0 THEN '%1$s' ELSE ' to ' || quote_ident(pg_get_userbyid(a.grantee)) END
                  FROM (SELECT 'pg_class'::regclass::oid, oid, relowner,
                               coalesce(relacl, acldefault(CASE WHEN relkind = 'S' THEN 's' ELSE 'r' END::"char", relowner))
                          FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                        UNION ALL
                        SELECT 'pg_proc'::regclass, oid, proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
                        UNION ALL
                        SELECT 'pg_type'::regclass, oid, typowner, coalesce(typacl, acldefault('T', typowner)) FROM pg_type
                        UNION ALL
                        SELECT 'pg_language'::regclass, oid, lanowner, coalesce(lanacl, acldefault('l', lanowner))
                          FROM pg_language
                        UNION ALL
                        SELECT 'pg_namespace'::regclass, oid, nspowner, coalesce(nspacl, acldefault('n', nspowner))
                          FROM pg_namespace
                        UNION ALL
                        SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner,
                               coalesce(fdwacl, acldefault('F', fdwowner))
                          FROM pg_foreign_data_wrapper
                        UNION ALL
                        SELECT 'pg_foreign_server'::regclass, oid, srvowner, coalesce(srvacl, acldefault('S', srvowner))
                          FROM pg_foreign_server) AS o (class, object, owner, acl)
                  JOIN pg_depend AS d ON d.classid = o.class AND d.objid = o.object AND d.deptype = 'e'
                 CROSS JOIN LATERAL aclexplode(o.acl) AS a
                 CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) AS i
                 WHERE a.grantee <> o.owner
                """.formatted(TO_PUBLIC)));
    }

    /** All of them. */
    public static List<ExtensionMember> read(Session session) {
        return session.list(
                QUERY,
                row -> new ExtensionMember(
                        row.getString("extension"),
                        row.getString("identity"),
                        row.text("parent"),
                        row.getLong("transaction"),
                        row.getLong("extension_transaction"),
                        Optional.ofNullable(row.get("before", Boolean.class)),
                        row.getBoolean("compiled"),
                        row.text("definition")));
    }

    /**
     * A table or sequence of an extension of which pg_dump carries over nothing, or those rows only that fulfil a condition.
     *
     * @param expression the number of rows that stay behind, at most a million; for a sequence what it last handed out
     * @param contents a digest of these rows; null for a sequence, and for many rows
     */
    public record LeftOut(String extension, String identity, String expression, String contents) {
        public boolean isSequence() {
            return identity.startsWith("sequence ");
        }
    }

    /** All of these that the user may read. */
    public static List<LeftOut> leftOut(Session session) {
        return session.list("""
                SELECT e.extname::text, i.type || ' ' || replace(i.identity, 'pg_catalog.', ''), n.nspname::text, c.relname::text,
                       c.relkind = 'S', x.condition
                  FROM pg_depend AS d
                  JOIN pg_extension AS e ON e.oid = d.refobjid
                  JOIN pg_class AS c ON c.oid = d.objid
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS i
                  LEFT JOIN LATERAL (SELECT u.condition FROM unnest(e.extconfig, e.extcondition) AS u (relation, condition)
                                      WHERE u.relation = c.oid) AS x ON true
                 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                   AND d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'S')
                   AND (x.condition IS NULL OR x.condition <> '' AND c.relkind = 'r')
                   AND has_schema_privilege(n.oid, 'USAGE')
                   AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                            ELSE has_table_privilege(c.oid, 'SELECT') END
                 ORDER BY 2
                """, row -> {
            String name = Sql.qualified(row.getString(3), row.getString(4));
            String some = "(SELECT count(*) FROM (SELECT FROM ONLY " + name + " %s LIMIT " + COUNTED + ") AS counted)";
            String expression = some.formatted("");
            String rows = "SELECT md5(ROW(" + Sql.identifier(row.getString(4)) + ".*)::text) AS row FROM ONLY " + name;
            String condition = row.getString(6);
            String contents = "(SELECT md5(string_agg(row, ' ' ORDER BY row COLLATE \"C\")) FROM (" + rows
                    + (condition == null ? "" : " EXCEPT ALL " + rows + " " + condition) + ") AS read)";
            if (row.getBoolean(5)) {
                contents = "NULL";
                expression = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + name + ")";
            } else if (condition != null) {
                expression = "(" + expression + " - " + some.formatted(condition) + ")";
            }
            return new LeftOut(
                    row.getString(1),
                    row.getString(2),
                    expression,
                    "(CASE WHEN " + expression + " <= " + READ + " THEN " + contents + " END)");
        });
    }
}
