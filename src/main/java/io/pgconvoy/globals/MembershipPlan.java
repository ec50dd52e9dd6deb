package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.Membership;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The GRANTs that give the target's roles the source's memberships; none is revoked.
 *
 * <p>Since version 16 a role may be granted to the same member by several grantors, and each must itself hold the role
 * WITH ADMIN OPTION; before, there is one grant of a role to a member, and anybody may stand there as its grantor. So
 * grantors are kept between servers of the same kind, and left out on the way from the older kind to the newer.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-grant.html#SQL-GRANT-DESCRIPTION-ROLES">GRANT on roles</a>
 */
final class MembershipPlan {
    private final ServerFacts target;
    private final boolean grantsHaveOptions;
    private final boolean keepsGrantors;
    private final List<Membership> granted;
    private final StatementPlan.Builder plan = new StatementPlan.Builder();

    private MembershipPlan(ServerVersion sourceVersion, List<Membership> existing, ServerFacts target) {
        this.target = target;
        this.grantsHaveOptions = target.version().isAtLeast(ServerVersion.V16);
        this.keepsGrantors = target.isSuperuser() && sourceVersion.isAtLeast(ServerVersion.V16) == grantsHaveOptions;
        this.granted = new ArrayList<>(existing);
    }

    /**
     * Compares both sides.
     *
     * @param existing the target's memberships
     */
    static StatementPlan of(
            ServerVersion sourceVersion, List<Membership> source, List<Membership> existing, ServerFacts target) {
        return new MembershipPlan(sourceVersion, existing, target).build(source);
    }

    private StatementPlan build(List<Membership> source) {
        List<Membership> wanted = new ArrayList<>();
        for (Membership membership : source) {
            if (isThere(membership)) {
                wanted.add(keepsGrantors ? withKnownGrantor(membership) : withoutGrantor(membership));
            }
        }
        List<Membership> waiting = new ArrayList<>(keepsGrantors ? wanted : merged(wanted));
        while (!waiting.isEmpty()) {
            if (!grantThoseThatMayBe(waiting)) {
                // A circle of grantors that starts nowhere: the membership counts for more than who gave it.
                waiting.replaceAll(MembershipPlan::withoutGrantor);
            }
        }
        return plan.build();
    }

    private boolean isThere(Membership membership) {
        if (ReservedRoles.isReserved(membership.role()) && ReservedRoles.isReserved(membership.member())) {
            return false;
        }
        for (String role : List.of(membership.role(), membership.member())) {
            if (!target.roles().contains(role)) {
                plan.warn("membership of " + identifier(membership.member()) + " in " + identifier(membership.role())
                        + " is left out: the target has no role " + identifier(role));
                return false;
            }
        }
        return true;
    }

    private Membership withKnownGrantor(Membership membership) {
        return membership.grantor().filter(target.roles()::contains).isPresent()
                        && !membership.grantor().get().equals(target.bootstrapSuperuser())
                ? membership
                : withoutGrantor(membership);
    }

    private static Membership withoutGrantor(Membership membership) {
        return new Membership(
                membership.role(),
                membership.member(),
                Optional.empty(),
                membership.admin(),
                membership.inherit(),
                membership.set());
    }

    /** One grant for each role and member, with the options of all. */
    private static List<Membership> merged(List<Membership> memberships) {
        Map<List<String>, Membership> merged = new LinkedHashMap<>();
        for (Membership membership : memberships) {
            merged.merge(
                    List.of(membership.role(), membership.member()),
                    membership,
                    (one, other) -> new Membership(
                            one.role(),
                            one.member(),
                            Optional.empty(),
                            one.admin() || other.admin(),
                            one.inherit() || other.inherit(),
                            one.set() || other.set()));
        }
        return List.copyOf(merged.values());
    }

    /** Grants what needs no grantor, or one who has the admin option by now; says whether there was anything. */
    private boolean grantThoseThatMayBe(List<Membership> waiting) {
        boolean progress = false;
        for (Iterator<Membership> next = waiting.iterator(); next.hasNext(); ) {
            Membership membership = next.next();
            if (!grantsHaveOptions || membership.grantor().isEmpty() || mayGrant(membership)) {
                next.remove();
                grant(membership);
                granted.add(membership);
                progress = true;
            }
        }
        return progress;
    }

    private boolean mayGrant(Membership membership) {
        return granted.stream()
                .anyMatch(grant -> grant.admin()
                        && grant.role().equals(membership.role())
                        && grant.member().equals(membership.grantor().orElseThrow()));
    }

    private void grant(Membership membership) {
        List<Membership> same = granted.stream()
                .filter(grant -> grant.role().equals(membership.role())
                        && grant.member().equals(membership.member())
                        && (!keepsGrantors
                                || !grantsHaveOptions
                                || grant.grantor().equals(membership.grantor())))
                .toList();
        if (same.stream().anyMatch(grant -> covers(grant, membership))) {
            return;
        }
        boolean admin = membership.admin() || same.stream().anyMatch(Membership::admin);
        String options = options(membership, admin);
        String by = keepsGrantors
                ? membership
                        .grantor()
                        .map(role -> " GRANTED BY " + identifier(role))
                        .orElse("")
                : "";
        plan.add(SqlStatement.of(
                "GRANT " + identifier(membership.role()) + " TO " + identifier(membership.member()) + options + by,
                "grant role " + identifier(membership.role()) + " to " + identifier(membership.member()) + options
                        + by));
    }

    private boolean covers(Membership present, Membership wanted) {
        boolean admin = present.admin() || !wanted.admin();
        return grantsHaveOptions
                ? admin && present.inherit() == wanted.inherit() && present.set() == wanted.set()
                : admin;
    }

    private String options(Membership membership, boolean admin) {
        if (grantsHaveOptions) {
            return " WITH ADMIN " + keyword(admin) + ", INHERIT " + keyword(membership.inherit()) + ", SET "
                    + keyword(membership.set());
        }
        return admin ? " WITH ADMIN OPTION" : "";
    }

    private static String keyword(boolean on) {
        return on ? "TRUE" : "FALSE";
    }
}
