package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.List;

/**
 * Columns of the pseudo-type unknown, which tables cannot have since 10. Those of views become text by themselves.
 *
 * @see <a href="https://www.postgresql.org/docs/release/10.0/">Release notes of 10, "Change the way the unknown type is
 *     handled"</a>
 */
final class UnknownColumnsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "unknown-columns";
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
                "columns of type unknown, which tables cannot have since PostgreSQL 10",
                UserObjects.places(database, """
                        SELECT i.type || ' ' || i.identity
                          FROM pg_attribute a
                          JOIN pg_class c ON c.oid = a.attrelid
                         CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, a.attnum) AS i
                         WHERE a.atttypid = 'unknown'::regtype AND a.attnum > 0 AND NOT a.attisdropped
                           AND c.relkind IN ('r', 'f', 'c') AND c.oid >= 16384 AND c.relpersistence <> 't'
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                              AND d.deptype = 'e')
                         ORDER BY 1
                        """),
                "ALTER TABLE ... ALTER COLUMN ... TYPE text on the source before.");
    }
}
