package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.List;

/**
 * Postfix operators that users made, and what uses them: 14 has none.
 *
 * @see <a href="https://www.postgresql.org/docs/release/14.0/">Release notes of 14, "Remove support for postfix
 *     operators"</a>
 */
final class PostfixOperatorsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "postfix-operators";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (database.version().isAtLeast(ServerVersion.V14)
                || !situation.target().version().isAtLeast(ServerVersion.V14)) {
            return List.of();
        }
        return RestoreErrors.findings(
                this,
                situation,
                "postfix operators cannot be created since PostgreSQL 14",
                UserObjects.places(database, """
                        WITH postfix AS (
                            SELECT o.oid
                              FROM pg_operator o
                             WHERE o.oprright = 0 AND o.oprleft <> 0 AND o.oid >= 16384
                               AND NOT EXISTS (SELECT FROM pg_depend d
                                                WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid
                                                  AND d.deptype = 'e')
                        )
                        SELECT i.type || ' ' || i.identity
                          FROM postfix CROSS JOIN LATERAL pg_identify_object('pg_operator'::regclass, oid, 0) AS i
                        UNION
                        SELECT i.type || ' ' || i.identity
                          FROM postfix
                          JOIN pg_depend d ON d.refclassid = 'pg_operator'::regclass AND d.refobjid = postfix.oid
                          LEFT JOIN pg_rewrite r
                               ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
                         CROSS JOIN LATERAL pg_identify_object(
                               CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                               coalesce(r.ev_class, d.objid), CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END) AS i
                         ORDER BY 1
                        """),
                "Write views and the like with the operators' functions instead, then DROP OPERATOR ... (type, NONE) on the"
                        + " source before.");
    }
}
