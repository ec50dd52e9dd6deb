package io.pgconvoy.preflight;

import io.pgconvoy.globals.RoleForecast;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Roles that own objects, or have privileges on them, and that the target will not have: those whose names PostgreSQL or a
 * managed service keeps for itself, and all others where globals are not migrated.
 *
 * <p>pg_shdepend tells which roles a database refers to, but for the role that initdb made: that one always exists, so it
 * is looked for as an owner.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-shdepend.html">pg_shdepend</a>
 */
final class MissingRoleCheck implements DatabaseCheck {
    private Set<String> targetRoles = Set.of();

    @Override
    public String name() {
        return "missing-roles";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (targetRoles.isEmpty()) {
            targetRoles = RoleForecast.names(
                    situation.source().connection(),
                    situation.target().connection(),
                    situation.target().version(),
                    situation.config().migrateGlobals());
        }
        String query = """
                WITH role AS (SELECT r.oid, r.rolname FROM pg_roles AS r WHERE r.rolname <> ALL (?)),
                     use AS (
                    SELECT s.classid, s.objid, s.objsubid, r.rolname
                      FROM pg_shdepend AS s JOIN role AS r ON r.oid = s.refobjid
                     WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('o', 'a', 'r')
                    UNION ALL
                    SELECT 'pg_class'::regclass, c.oid, 0, r.rolname
                      FROM pg_class AS c JOIN role AS r ON r.oid = c.relowner
                     WHERE r.oid = 10 AND c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
                       AND c.relpersistence <> 't'
                    UNION ALL
                    SELECT 'pg_proc'::regclass, p.oid, 0, r.rolname
                      FROM pg_proc AS p JOIN role AS r ON r.oid = p.proowner WHERE r.oid = 10 AND p.oid >= 16384
                    UNION ALL
                    SELECT 'pg_namespace'::regclass, n.oid, 0, r.rolname
                      FROM pg_namespace AS n JOIN role AS r ON r.oid = n.nspowner
                     WHERE r.oid = 10 AND n.oid >= 16384 AND n.nspname !~ '^pg_')
                SELECT format('role %I (%s, such as %s)', u.rolname,
                              CASE count(*) WHEN 1 THEN '1 object' ELSE count(*)::text || ' objects' END,
                              min(pg_describe_object(u.classid, u.objid, u.objsubid)))
                  FROM use AS u
                 WHERE u.classid <> 'pg_extension'::regclass
                   AND NOT EXISTS (SELECT FROM pg_depend AS m
                                    WHERE m.classid = u.classid AND m.objid = u.objid AND m.deptype = 'e')
                 GROUP BY u.rolname ORDER BY u.rolname
                """;
        List<Place> places = UserObjects.column(database.connection(), query, targetRoles).stream()
                .map(role -> Place.of(database.name(), role))
                .toList();
        if (places.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                        this,
                        "objects belong or are granted to roles that the target will not have",
                        situation.config().migrateGlobals()
                                ? "CREATE ROLE them on the target if it lets you, else ALTER ROLE ... RENAME or REASSIGN"
                                        + " OWNED on the source."
                                : "CREATE ROLE them on the target, or let the globals be migrated.")
                .as(RestoreErrors.ofOwnership(situation))
                .at(places));
    }
}
