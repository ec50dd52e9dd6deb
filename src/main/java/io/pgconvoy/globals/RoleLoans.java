package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a target's user who is no superuser act as the roles that the source's objects belong to, for as long as it gives
 * them their objects: it grants itself those roles, and revokes them. A superuser needs no such thing.
 *
 * <p>Since version 16 a user with CREATEROLE may administer the roles that it created, and no others; before, all that
 * are no superusers.
 *
 * @see <a href="https://www.postgresql.org/docs/current/role-attributes.html">Role attributes</a>
 */
public final class RoleLoans {
    private final Server source;
    private final Server target;

    public RoleLoans(Server source, Server target) {
        this.source = source;
        this.target = target;
    }

    /** The source's roles that are on the target, and that its user may not act as yet; changes nothing. */
    public List<RoleLoan> needed() {
        RoleCatalog.Roles wanted;
        try (Session session = source.session("reading the roles")) {
            wanted = RoleCatalog.roles(session);
        }
        try (Session session = target.session("looking for memberships")) {
            ServerFacts facts = ServerFacts.read(session);
            List<RoleLoan> needed = new ArrayList<>();
            if (facts.isSuperuser()) {
                return needed;
            }
            RoleCatalog.Roles existing = RoleCatalog.roles(session);
            for (Role role : RolePlan.carriedOver(wanted, facts)) {
                boolean possible = existing.find(role.name())
                        .filter(counterpart -> !counterpart.has(RoleFlag.SUPERUSER))
                        .isPresent();
                if (possible && !mayActAs(session, role.name())) {
                    needed.add(new RoleLoan(role.name(), ownGrant(session, role.name())));
                }
            }
            return needed;
        }
    }

    /**
     * Takes the loans.
     *
     * @return the roles that the server refuses to grant
     */
    public List<String> take(List<RoleLoan> loans) {
        List<String> refused = new ArrayList<>();
        String options = grantsHaveOptions() ? " WITH INHERIT TRUE, SET TRUE" : "";
        try (Session session = target.session("becoming a member of roles")) {
            String user = ServerFacts.read(session).user();
            for (RoleLoan loan : loans) {
                String sql = "GRANT " + identifier(loan.role()) + " TO " + identifier(user) + options;
                if (StatementRunner.attempt(() -> session.execute(sql)).isPresent()) {
                    refused.add(loan.role());
                }
            }
        }
        return refused;
    }

    /** Gives the loans back, also those that were never taken; says what is left of them. */
    public GlobalsResult giveBack(List<RoleLoan> loans) {
        GlobalsResult.Builder result = new GlobalsResult.Builder();
        if (loans.isEmpty()) {
            return result.build();
        }
        try (Session session = target.session("giving back memberships")) {
            ServerFacts facts = ServerFacts.read(session);
            for (RoleLoan loan : loans) {
                if (!facts.roles().contains(loan.role())) {
                    continue;
                }
                String sql = sql(loan, facts.user());
                StatementRunner.attempt(() -> session.execute(sql))
                        .ifPresent(refused -> result.warning("the target's user is still a member of role "
                                + identifier(loan.role()) + ": " + refused.inFull() + " (" + sql + ")"));
            }
            return result.build();
        }
    }

    private static String sql(RoleLoan loan, String user) {
        return loan.before()
                .map(before -> "GRANT " + identifier(loan.role()) + " TO " + identifier(user) + " WITH ADMIN "
                        + before.admin() + ", INHERIT " + before.inherit() + ", SET " + before.set())
                .orElseGet(() -> "REVOKE " + identifier(loan.role()) + " FROM " + identifier(user));
    }

    private boolean grantsHaveOptions() {
        return target.version().isAtLeast(ServerVersion.V16);
    }

    /** Giving away needs SET, building in another's schema USAGE; before 16 the one follows from the other. */
    private boolean mayActAs(Session session, String role) {
        String query = grantsHaveOptions()
                ? "SELECT pg_catalog.pg_has_role(session_user, ?::name, 'SET')"
                        + " AND pg_catalog.pg_has_role(session_user, ?::name, 'USAGE')"
                : "SELECT pg_catalog.pg_has_role(session_user, ?::name, 'MEMBER')"
                        + " AND pg_catalog.pg_has_role(session_user, ?::name, 'MEMBER')";
        return session.flag(query, role, role);
    }

    /** Before 16 there is one grant of a role to a member, and a member needs none. */
    private Optional<RoleLoan.Options> ownGrant(Session session, String role) {
        if (!grantsHaveOptions()) {
            return Optional.empty();
        }
        return session.first(
                """
                SELECT a.admin_option, a.inherit_option, a.set_option
                  FROM pg_catalog.pg_auth_members AS a
                  JOIN pg_catalog.pg_roles AS r ON r.oid = a.roleid
                  JOIN pg_catalog.pg_roles AS m ON m.oid = a.member
                 WHERE r.rolname = ? AND m.rolname = session_user AND a.grantor = m.oid
                """, row -> new RoleLoan.Options(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3)), role);
    }
}
