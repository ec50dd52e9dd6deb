package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.globals.ReservedRoles;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.database.MissingRoleCheck;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Roles of the source that are left out for their names, which PostgreSQL (pg_, from 9.6 on) or a managed service keeps for
 * itself. Those that something in the databases needs are named by {@link MissingRoleCheck}, with that.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-shdepend.html">pg_shdepend</a>, which has who owns or
 *     was granted what in any database
 */
public final class RoleNameCheck extends ServerCheck {
    public RoleNameCheck() {
        super(
                Announced.ROLE_NAMES.check(),
                "warning",
                "roles that are left out, as PostgreSQL or a managed service keeps their names for"
                        + " itself, with their memberships, and that nothing in the databases names; for the"
                        + " others see `missing-roles`");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        if (!context.config().migrateGlobals()) {
            return List.of();
        }
        ServerFacts target = ServerFacts.read(context.onTarget());
        Set<String> needed = new HashSet<>(context.onSource().texts("""
                SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                 WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid::bigint = ANY (?)
                """, (Object) context.oids()));
        List<Place> places = RoleCatalog.roles(context.onSource()).roles().stream()
                .filter(Role::isUserMade)
                .map(Role::name)
                .filter(name ->
                        ReservedRoles.isReserved(name) && !target.roles().contains(name) && !needed.contains(name))
                .map(name -> Place.of("role \"" + name + "\""))
                .toList();
        return onSource(warning(
                        "roles have names that PostgreSQL or a managed service keeps for itself, so they are left"
                                + " out",
                        "Rename them on the source with ALTER ROLE ... RENAME TO (an md5 password is lost by"
                                + " that).")
                .at(places));
    }
}
