package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables WITH OIDS, which 12 gave up: their rows arrive without the hidden column oid, and what is built on that column does
 * not arrive at all.
 *
 * @see <a href="https://www.postgresql.org/docs/release/12.0/">Release notes of 12, "Remove the special behavior of oid
 *     columns"</a>
 */
final class TablesWithOidsCheck implements DatabaseCheck {
    @Override
    public String name() {
        return Announced.TABLES_WITH_OIDS.check();
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (database.version().isAtLeast(ServerVersion.V12)
                || !situation.target().version().isAtLeast(ServerVersion.V12)) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>(RestoreErrors.findings(
                this,
                situation,
                "objects use the hidden column oid of tables WITH OIDS, which does not arrive",
                // Unlike those on the columns of system catalogs, these dependencies are recorded: as on column -2.
                UserObjects.places(database, """
                        SELECT DISTINCT i.type || ' ' || i.identity
                          FROM pg_depend d
                          LEFT JOIN pg_rewrite r
                               ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
                         CROSS JOIN LATERAL pg_identify_object(
                               CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                               coalesce(r.ev_class, d.objid), CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END) AS i
                         WHERE d.refclassid = 'pg_class'::regclass AND d.refobjsubid = -2 AND d.refobjid >= 16384
                         ORDER BY 1
                        """),
                "Add a real column to the table and have them use that (ALTER TABLE ... ADD COLUMN id bigserial), or drop"
                        + " them on the source before."));
        var tables = UserObjects.places(database, """
                SELECT i.type || ' ' || i.identity
                  FROM pg_class c
                 CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS i
                 WHERE c.relhasoids AND c.oid >= 16384 AND c.relkind IN ('r', 'f') AND c.relpersistence <> 't'
                   AND NOT EXISTS (SELECT FROM pg_depend d
                                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
                 ORDER BY 1
                """);
        if (!tables.isEmpty()) {
            findings.add(Finding.warning(
                            name(),
                            "tables WITH OIDS arrive without their hidden column oid",
                            "Where the OIDs mean something, copy them into a real column first: ALTER TABLE ... ADD COLUMN"
                                    + " old_oid oid; UPDATE ... SET old_oid = oid. Else, ALTER TABLE ... SET WITHOUT OIDS.")
                    .at(tables));
        }
        return findings;
    }
}
