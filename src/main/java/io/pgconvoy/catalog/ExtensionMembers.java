package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the extensions of a database consist of, and what of their rows pg_dump leaves out. */
public final class ExtensionMembers {
    /** More rows than these count as so many. */
    private static final long COUNTED = 1_000_000;

    /**
     * Every member of every extension, and every index, constraint, trigger, rule and column of a table that is one. Columns:
     * {@code extension, identity, parent, transaction, extension_transaction, before, compiled, definition}.
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
                   CASE WHEN o.class = 'pg_proc'::regclass THEN
                       md5(concat_ws(' ', l.lanname, p.prosrc, p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof,
                                     array_to_string(p.proconfig, ' '))) END AS definition
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

    private ExtensionMembers() {}

    /** All of them. */
    public static List<ExtensionMember> read(Connection connection) throws SQLException {
        List<ExtensionMember> members = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                members.add(new ExtensionMember(
                        row.getString("extension"),
                        row.getString("identity"),
                        Optional.ofNullable(row.getString("parent")),
                        row.getLong("transaction"),
                        row.getLong("extension_transaction"),
                        Optional.ofNullable((Boolean) row.getObject("before")),
                        row.getBoolean("compiled"),
                        Optional.ofNullable(row.getString("definition"))));
            }
        }
        return members;
    }

    /**
     * A table or sequence of an extension of which pg_dump carries over nothing, or those rows only that fulfil a condition.
     *
     * @param expression the number of rows that stay behind, at most a million; for a sequence what it last handed out
     */
    public record LeftOut(String extension, String identity, String expression) {
        public boolean isSequence() {
            return identity.startsWith("sequence ");
        }
    }

    /** All of these that the user may read. */
    public static List<LeftOut> leftOut(Connection connection) throws SQLException {
        List<LeftOut> all = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
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
                        """)) {
            while (row.next()) {
                String name = Sql.qualified(row.getString(3), row.getString(4));
                String some =
                        "(SELECT count(*) FROM (SELECT FROM ONLY " + name + " %s LIMIT " + COUNTED + ") AS counted)";
                String expression = some.formatted("");
                if (row.getBoolean(5)) {
                    expression = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + name + ")";
                } else if (row.getString(6) != null) {
                    expression = "(" + expression + " - " + some.formatted(row.getString(6)) + ")";
                }
                all.add(new LeftOut(row.getString(1), row.getString(2), expression));
            }
        }
        return all;
    }
}
