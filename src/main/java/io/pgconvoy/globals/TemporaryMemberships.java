package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.journal.JournalEntry;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lets a target's user who is no superuser act as the roles that the source's objects belong to, for as long as it gives
 * them their objects: it grants itself those roles, and revokes them. A superuser needs no such thing. They are a debt:
 * on disk before they are taken, given back whatever happens, after kill -9 by the next run. For one thread.
 *
 * <p>Since version 16 a user with CREATEROLE may administer the roles that it created, and no others; before, all that
 * are no superusers.
 *
 * @see <a href="https://www.postgresql.org/docs/current/role-attributes.html">Role attributes</a>
 */
public final class TemporaryMemberships {
    private static final JournalEntry<Debt> OWED = new JournalEntry<>(
            "borrowed-roles",
            Debt.class,
            "It says of which roles the target's user became a member for the migration. Look for them with \\drg in psql,"
                    + " REVOKE what does not belong there, and delete the file.");

    private final Server source;
    private final Server target;
    private final JournalStore journal;
    private final Set<String> refused = new LinkedHashSet<>();

    /** What is owed, on disk. */
    record Debt(List<Membership> roles) {
        Debt {
            roles = List.copyOf(roles);
        }
    }

    /**
     * One of them.
     *
     * @param role what the user becomes a member of
     * @param before the options of the grant that it had given itself before, which is changed for the time being
     */
    record Membership(String role, Optional<Options> before) {
        /** A grant's options. */
        record Options(boolean admin, boolean inherit, boolean set) {}
    }

    public TemporaryMemberships(Server source, Server target, JournalStore journal) {
        this.source = source;
        this.target = target;
        this.journal = journal;
    }

    /** Takes those in the source's roles that the target has by now and its user may not act as yet. */
    public void take() {
        List<Membership> needed = needed();
        if (needed.isEmpty()) {
            return;
        }
        List<Membership> owed = new ArrayList<>(owed());
        owed.addAll(needed);
        journal.write(OWED, new Debt(owed));
        String options = grantsHaveOptions() ? " WITH INHERIT TRUE, SET TRUE" : "";
        try (Session session = target.session("becoming a member of roles")) {
            String user = ServerFacts.read(session).user();
            for (Membership membership : needed) {
                String sql = "GRANT " + identifier(membership.role()) + " TO " + identifier(user) + options;
                if (StatementRunner.attempt(() -> session.execute(sql)).isPresent()) {
                    refused.add(membership.role());
                }
            }
        }
    }

    private List<Membership> needed() {
        RoleCatalog.Roles wanted;
        try (Session session = source.session("reading the roles")) {
            wanted = RoleCatalog.roles(session);
        }
        try (Session session = target.session("looking for memberships")) {
            ServerFacts facts = ServerFacts.read(session);
            List<Membership> needed = new ArrayList<>();
            if (facts.isSuperuser()) {
                return needed;
            }
            RoleCatalog.Roles existing = RoleCatalog.roles(session);
            for (Role role : RolePlan.carriedOver(wanted, facts)) {
                boolean possible = existing.find(role.name())
                        .filter(counterpart -> !counterpart.has(RoleFlag.SUPERUSER))
                        .isPresent();
                if (possible && !refused.contains(role.name()) && !mayActAs(session, role.name())) {
                    needed.add(new Membership(role.name(), ownGrant(session, role.name())));
                }
            }
            return needed;
        }
    }

    /** What the user may not become, in a sentence each. */
    public List<String> warnings() {
        if (refused.isEmpty()) {
            return List.of();
        }
        String names = refused.stream().map(Sql::identifier).collect(Collectors.joining(", "));
        return List.of("the target's user may not act as these roles, so what they own becomes its own: " + names
                + "; GRANT them to it WITH ADMIN OPTION beforehand, or give them what is theirs afterwards");
    }

    public boolean isOwed() {
        return !owed().isEmpty();
    }

    /** Gives back what this run or an earlier one took, also what was never taken; says what is left of it. */
    public GlobalsResult giveBack() {
        GlobalsResult.Builder result = new GlobalsResult.Builder();
        List<Membership> owed = owed();
        if (owed.isEmpty()) {
            return result.build();
        }
        try (Session session = target.session("giving back memberships")) {
            ServerFacts facts = ServerFacts.read(session);
            for (Membership membership : owed) {
                if (!facts.roles().contains(membership.role())) {
                    continue;
                }
                String sql = sql(membership, facts.user());
                StatementRunner.attempt(() -> session.execute(sql))
                        .ifPresent(failure -> result.warning("the target's user is still a member of role "
                                + identifier(membership.role()) + ": " + failure.inFull() + " (" + sql + ")"));
            }
        }
        journal.delete(OWED);
        return result.build();
    }

    private List<Membership> owed() {
        return journal.read(OWED).map(Debt::roles).orElse(List.of());
    }

    private static String sql(Membership membership, String user) {
        return membership
                .before()
                .map(before -> "GRANT " + identifier(membership.role()) + " TO " + identifier(user) + " WITH ADMIN "
                        + before.admin() + ", INHERIT " + before.inherit() + ", SET " + before.set())
                .orElseGet(() -> "REVOKE " + identifier(membership.role()) + " FROM " + identifier(user));
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
    private Optional<Membership.Options> ownGrant(Session session, String role) {
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
                """, row -> new Membership.Options(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3)), role);
    }
}
