package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.Side;
import io.pgconvoy.globals.ReservedRoles;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Roles of the source that will not be on the target, and whether the databases need them: those with names that PostgreSQL
 * keeps for itself (pg_ from 9.6 on) or a managed service does, and all that are missing where no globals are carried over.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-shdepend.html">pg_shdepend</a>, which has who owns or
 *     was granted what in any database
 */
final class RoleNameCheck implements ServerCheck {
    @Override
    public String name() {
        return "role-names";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        ServerFacts target = ServerFacts.read(
                situation.target().connection(), situation.target().version());
        Set<String> needed =
                new HashSet<>(Rows.texts(situation.source().connection(), """
                SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                 WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid::bigint = ANY (?)
                """, (Object) Databases.oids(situation)));
        List<Role> missing = RoleCatalog.roles(situation.source().connection()).roles().stream()
                .filter(role -> role.isUserMade() && !target.roles().contains(role.name()))
                .toList();
        List<Finding> findings = new ArrayList<>();
        List<Role> reserved = missing.stream()
                .filter(role -> ReservedRoles.isReserved(role.name()))
                .toList();
        String renaming = "Rename them on the source with ALTER ROLE ... RENAME TO (an md5 password is lost by that).";
        report(
                findings,
                situation,
                reserved.stream().filter(role -> needed.contains(role.name())).toList(),
                "roles that own or may use something in the databases have names that PostgreSQL or a managed service keeps"
                        + " for itself, so they are not created, and what names them fails",
                renaming);
        add(
                findings,
                Finding.warning(
                        this,
                        "roles have names that PostgreSQL or a managed service keeps for itself, so they are left out",
                        renaming),
                reserved.stream().filter(role -> !needed.contains(role.name())).toList());
        if (!situation.config().migrateGlobals()) {
            report(
                    findings,
                    situation,
                    missing.stream()
                            .filter(role -> needed.contains(role.name()) && !ReservedRoles.isReserved(role.name()))
                            .toList(),
                    "roles that own or may use something in the databases are not on the target, and"
                            + " --migrate-globals=false creates none, so what names them fails",
                    "Create them on the target, or give --migrate-globals=true.");
        }
        return findings;
    }

    private void report(List<Finding> findings, Situation situation, List<Role> roles, String what, String advice) {
        add(
                findings,
                situation.config().allowRestoreErrors()
                        ? Finding.warning(this, what, advice)
                        : Finding.blocker(this, what, advice),
                roles);
    }

    private static void add(List<Finding> findings, Finding finding, List<Role> roles) {
        if (!roles.isEmpty()) {
            findings.add(finding.on(Side.SOURCE)
                    .at(roles.stream()
                            .map(role -> Place.of("role \"" + role.name() + "\""))
                            .toList()));
        }
    }
}
