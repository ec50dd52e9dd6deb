package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.List;

/**
 * Foreign keys between columns of different collations of which one is nondeterministic: 18 does not create them.
 *
 * @see <a href="https://www.postgresql.org/docs/release/18.0/">Release notes of 18, "Require primary/foreign key
 *     relationships to use either deterministic collations or the same nondeterministic collations"</a>
 */
final class ForeignKeyCollationsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return "foreign-key-collations";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        // Nondeterministic collations came with 12.
        if (!database.version().isAtLeast(ServerVersion.V12)
                || database.version().isAtLeast(ServerVersion.V18)
                || !situation.target().version().isAtLeast(ServerVersion.V18)) {
            return List.of();
        }
        return RestoreErrors.findings(
                this,
                situation,
                "foreign keys connect columns of different collations, one of them nondeterministic, which"
                        + " PostgreSQL 18 refuses",
                UserObjects.places(database, """
                        SELECT DISTINCT i.type || ' ' || i.identity
                          FROM pg_constraint c
                         CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (referencing, referenced)
                          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.referencing
                          JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.referenced
                          JOIN pg_collation ac ON ac.oid = a.attcollation
                          JOIN pg_collation bc ON bc.oid = b.attcollation
                         CROSS JOIN LATERAL pg_identify_object('pg_constraint'::regclass, c.oid, 0) AS i
                         WHERE c.contype = 'f' AND c.conparentid = 0 AND ac.oid <> bc.oid
                           AND NOT (ac.collisdeterministic AND bc.collisdeterministic)
                         ORDER BY 1
                        """),
                "Give both columns the same collation on the source before (ALTER TABLE ... ALTER COLUMN ... TYPE ... COLLATE"
                        + " ...), or drop the constraint.");
    }
}
