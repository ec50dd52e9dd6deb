package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.globals.RoleForecast;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Optional;
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
public final class MissingRoleCheck extends DatabaseCheck {
    /** The OIDs on the source: a database of another encoding would have other words for their names. */
    private Optional<Long[]> missing = Optional.empty();

    public MissingRoleCheck() {
        super(
                "missing-roles",
                "blocker\\*",
                "owners, and roles with privileges, that the target will not have: reserved names, or"
                        + " all roles where globals are not migrated; a warning where the target's user is no"
                        + " superuser");
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (missing.isEmpty()) {
            missing = Optional.of(missing(context));
        }
        if (missing.get().length == 0) {
            return List.of();
        }
        String query = """
                WITH role AS (SELECT r.oid, %s AS rolname FROM pg_roles AS r WHERE r.oid::bigint = ANY (?)),
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
                SELECT u.rolname, CASE count(*) WHEN 1 THEN '1 object' ELSE count(*)::text || ' objects' END,
                       min(pg_describe_object(u.classid, u.objid, u.objsubid))
                  FROM use AS u
                 WHERE u.classid <> 'pg_extension'::regclass
                   AND NOT EXISTS (SELECT FROM pg_depend AS m
                                    WHERE m.classid = u.classid AND m.objid = u.objid AND m.deptype = 'e')
                 GROUP BY u.rolname ORDER BY u.rolname
                """.formatted(SharedText.bytes(database.session(), "quote_ident(r.rolname)"));
        List<Place> places = database.list(
                query,
                row -> Place.of(
                        database.name(),
                        "role " + SharedText.name(row, 1) + " (" + row.getString(2) + ", such as " + row.getString(3)
                                + ")"),
                (Object) missing.get());
        return found(warning(
                        "objects belong or are granted to roles that the target will not have",
                        context.config().migrateGlobals()
                                ? "CREATE ROLE them on the target if it lets you, else ALTER ROLE ... RENAME or REASSIGN"
                                        + " OWNED on the source."
                                : "CREATE ROLE them on the target, or let the globals be migrated.")
                .as(context.ofOwnership())
                .at(places));
    }

    private static Long[] missing(CheckContext context) {
        Set<String> there = RoleForecast.names(
                context.onSource(), context.onTarget(), context.config().migrateGlobals());
        return RoleCatalog.roles(context.onSource()).roles().stream()
                .filter(role -> !there.contains(role.name()))
                .map(Role::oid)
                .toArray(Long[]::new);
    }
}
