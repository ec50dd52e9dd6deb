package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
        try (Connection connection = source.open()) {
            wanted = RoleCatalog.roles(Session.of(connection));
        } catch (SQLException failure) {
            throw source.failure(source.endpoint().database(), "reading the roles", failure);
        }
        try (Connection connection = target.open()) {
            ServerFacts facts = ServerFacts.read(Session.of(connection));
            List<RoleLoan> needed = new ArrayList<>();
            if (facts.isSuperuser()) {
                return needed;
            }
            RoleCatalog.Roles existing = RoleCatalog.roles(Session.of(connection));
            for (Role role : RolePlan.carriedOver(wanted, facts)) {
                boolean possible = existing.find(role.name())
                        .filter(counterpart -> !counterpart.has(RoleFlag.SUPERUSER))
                        .isPresent();
                if (possible && !mayActAs(connection, role.name())) {
                    needed.add(new RoleLoan(role.name(), ownGrant(connection, role.name())));
                }
            }
            return needed;
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "looking for memberships", failure);
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
        try (Connection connection = target.open()) {
            String user = ServerFacts.read(Session.of(connection)).user();
            for (RoleLoan loan : loans) {
                String sql = "GRANT " + identifier(loan.role()) + " TO " + identifier(user) + options;
                if (refusal(connection, sql).isPresent()) {
                    refused.add(loan.role());
                }
            }
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "becoming a member of roles", failure);
        }
        return refused;
    }

    /** Gives the loans back, also those that were never taken; says what is left of them. */
    public GlobalsResult giveBack(List<RoleLoan> loans) {
        GlobalsResult.Builder result = new GlobalsResult.Builder();
        if (loans.isEmpty()) {
            return result.build();
        }
        try (Connection connection = target.open()) {
            ServerFacts facts = ServerFacts.read(Session.of(connection));
            for (RoleLoan loan : loans) {
                if (!facts.roles().contains(loan.role())) {
                    continue;
                }
                String sql = sql(loan, facts.user());
                refusal(connection, sql)
                        .ifPresent(refused -> result.warning("the target's user is still a member of role "
                                + identifier(loan.role()) + ": " + refused.getMessage() + " (" + sql + ")"));
            }
            return result.build();
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "giving back memberships", failure);
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
    private boolean mayActAs(Connection connection, String role) throws SQLException {
        String query = grantsHaveOptions()
                ? "SELECT pg_catalog.pg_has_role(session_user, ?::name, 'SET')"
                        + " AND pg_catalog.pg_has_role(session_user, ?::name, 'USAGE')"
                : "SELECT pg_catalog.pg_has_role(session_user, ?::name, 'MEMBER')"
                        + " AND pg_catalog.pg_has_role(session_user, ?::name, 'MEMBER')";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, role);
            statement.setString(2, role);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Before 16 there is one grant of a role to a member, and a member needs none. */
    private Optional<RoleLoan.Options> ownGrant(Connection connection, String role) throws SQLException {
        if (!grantsHaveOptions()) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT a.admin_option, a.inherit_option, a.set_option
                  FROM pg_catalog.pg_auth_members AS a
                  JOIN pg_catalog.pg_roles AS r ON r.oid = a.roleid
                  JOIN pg_catalog.pg_roles AS m ON m.oid = a.member
                 WHERE r.rolname = ? AND m.rolname = session_user AND a.grantor = m.oid
                """)) {
            statement.setString(1, role);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new RoleLoan.Options(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3)))
                        : Optional.empty();
            }
        }
    }

    private static Optional<SQLException> refusal(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
            return Optional.empty();
        } catch (SQLException refused) {
            if (SqlState.isBrokenOff(refused)) {
                throw refused;
            }
            return Optional.of(refused);
        }
    }
}
