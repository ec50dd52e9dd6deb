package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.List;

/**
 * Encoding conversions with functions of the user's, which take one argument more since 14. Those that use built-in
 * functions arrive.
 *
 * @see <a href="https://www.postgresql.org/docs/release/14.0/">Release notes of 14, "User-defined encoding
 *     conversions"</a>
 */
final class EncodingConversionsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "encoding-conversions";
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
                "encoding conversions have functions with the five arguments of before PostgreSQL 14",
                UserObjects.places(database, """
                        SELECT i.type || ' ' || i.identity
                          FROM pg_conversion c
                         CROSS JOIN LATERAL pg_identify_object('pg_conversion'::regclass, c.oid, 0) AS i
                         WHERE c.oid >= 16384 AND c.conproc >= 16384
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_conversion'::regclass AND d.objid = c.oid
                                              AND d.deptype = 'e')
                         ORDER BY 1
                        """),
                "Drop them on the source before, and create them anew on the target, with functions of six arguments.");
    }
}
