package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import java.sql.SQLException;
import java.util.List;

/**
 * Views and the like on columns and operators of extensions that newer versions of these extensions, which come with the
 * target, no longer have. Only the ones of contrib that people use are known: the columns of pg_stat_statements, and the
 * operators {@code @} and {@code ~} for containment.
 *
 * @see <a href="https://www.postgresql.org/docs/release/13.0/">Release notes of 13</a>, <a
 *     href="https://www.postgresql.org/docs/release/14.0/">of 14</a> and <a
 *     href="https://www.postgresql.org/docs/release/17.0/">of 17</a>
 */
final class ExtensionMembersCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "extension-members";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        // Members of extensions are not pinned, so pg_depend tells who uses them.
        return RestoreErrors.findings(
                this,
                situation,
                "objects use columns or operators that extensions no longer have in PostgreSQL "
                        + situation.target().version().majorText(),
                UserObjects.places(
                        database, """
                        SELECT i.type || ' ' || i.identity || ' (' || string_agg(DISTINCT m.label, ', ') || ')'
                          FROM (
                                SELECT 'pg_class'::regclass::oid AS class, a.attrelid AS object, a.attnum::integer AS sub,
                                       'column ' || c.relname || '.' || a.attname AS label
                                  FROM pg_class c
                                  JOIN pg_attribute a ON a.attrelid = c.oid
                                  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                  JOIN pg_extension e ON e.oid = d.refobjid
                                 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                                   AND e.extname = 'pg_stat_statements' AND c.relname = 'pg_stat_statements'
                                   AND (a.attname IN ('total_time', 'min_time', 'max_time', 'mean_time', 'stddev_time')
                                        AND %1$d >= 1300
                                        OR a.attname IN ('blk_read_time', 'blk_write_time') AND %1$d >= 1700)
                                UNION ALL
                                SELECT 'pg_operator'::regclass, o.oid, 0, 'operator ' || o.oprname || ' of ' || e.extname
                                  FROM pg_operator o
                                  JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid
                                  JOIN pg_extension e ON e.oid = d.refobjid
                                 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                                   AND e.extname IN ('hstore', 'cube', 'intarray', 'seg') AND o.oprname IN ('@', '~')
                                   AND %1$d >= 1400
                               ) m
                          JOIN pg_depend u ON u.refclassid = m.class AND u.refobjid = m.object AND u.refobjsubid = m.sub
                          LEFT JOIN pg_rewrite r
                               ON u.classid = 'pg_rewrite'::regclass AND r.oid = u.objid AND r.rulename = '_RETURN'
                         CROSS JOIN LATERAL pg_identify_object(
                               CASE WHEN r.oid IS NULL THEN u.classid ELSE 'pg_class'::regclass END,
                               coalesce(r.ev_class, u.objid), CASE WHEN r.oid IS NULL THEN u.objsubid ELSE 0 END) AS i
                         WHERE u.deptype IN ('n', 'a')
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.deptype = 'e' AND d.objid IN (u.objid, r.ev_class))
                           AND u.classid NOT IN ('pg_amop'::regclass, 'pg_opfamily'::regclass, 'pg_opclass'::regclass)
                         GROUP BY i.type, i.identity
                         ORDER BY 1
                        """.formatted(situation.target().version().major())),
                "Rewrite or drop them on the source before: pg_stat_statements has total_exec_time and the like since 13 and"
                        + " shared_blk_read_time since 17, and the operators are @> and <@.");
    }
}
