package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.List;

/**
 * Views on columns of a sequence other than last_value, log_cnt and is_called: since 10, pg_sequence has the others.
 *
 * @see <a href="https://www.postgresql.org/docs/release/10.0/">Release notes of 10, "Move sequences' metadata fields into a
 *     new pg_sequence system catalog"</a>
 */
final class SequenceColumnsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "sequence-columns";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (database.version().isAtLeast(ServerVersion.V10)
                || !situation.target().version().isAtLeast(ServerVersion.V10)) {
            return List.of();
        }
        return RestoreErrors.findings(
                this,
                situation,
                "objects use columns that sequences do not have since PostgreSQL 10",
                UserObjects.places(database, """
                        SELECT i.type || ' ' || i.identity
                               || ' (' || string_agg(DISTINCT s.relname || '.' || a.attname, ', ') || ')'
                          FROM pg_class s
                          JOIN pg_attribute a ON a.attrelid = s.oid
                          JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
                                          AND d.refobjsubid = a.attnum
                          JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
                         CROSS JOIN LATERAL pg_identify_object(
                               CASE WHEN r.rulename = '_RETURN' THEN 'pg_class'::regclass ELSE d.classid END,
                               CASE WHEN r.rulename = '_RETURN' THEN r.ev_class ELSE r.oid END, 0) AS i
                         WHERE s.relkind = 'S' AND a.attnum > 0
                           AND a.attname NOT IN ('last_value', 'log_cnt', 'is_called')
                         GROUP BY i.type, i.identity
                         ORDER BY 1
                        """),
                "Drop them on the source before, and create them anew on the target, over pg_sequences.");
    }
}
