package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;
import static io.pgconvoy.postgres.Sql.literal;

import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleCatalog.Roles;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.Secret;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The statements that give the target the source's roles: creates what is missing, alters what differs, drops nothing.
 *
 * <p>A pure function of what the catalogs say. Memberships and settings have plans of their own, because they need the
 * roles to be there.
 */
final class RolePlan {
    private final Roles source;
    private final Roles existing;
    private final ServerFacts target;
    private final Set<RoleFlag> permitted;
    private final StatementPlan.Builder plan = new StatementPlan.Builder();

    private RolePlan(Roles source, Roles existing, ServerFacts target) {
        this.source = source;
        this.existing = existing;
        this.target = target;
        this.permitted = permitted(target);
    }

    /**
     * Compares both sides.
     *
     * @param existing the target's roles
     */
    static StatementPlan of(Roles source, Roles existing, ServerFacts target) {
        return new RolePlan(source, existing, target).build();
    }

    /** The names of the source's roles that end up on the target, other than those that stay as they are there. */
    static List<Role> carriedOver(Roles source, ServerFacts target) {
        return source.roles().stream()
                .filter(role -> !ReservedRoles.isProtected(role.name(), target))
                .toList();
    }

    private StatementPlan build() {
        for (Role role : source.roles()) {
            if (ReservedRoles.isReserved(role.name()) && role.isUserMade()) {
                plan.warn("role " + identifier(role.name()) + " is left out: PostgreSQL or a managed service keeps"
                        + " names like this one for itself; rename it if it is yours");
            }
        }
        List<Role> roles = carriedOver(source, target);
        for (Role role : roles) {
            Optional<Role> counterpart = existing.find(role.name());
            if (counterpart.isPresent()) {
                alter(role, counterpart.get());
            } else {
                create(role);
            }
            password(role, counterpart);
            plan.comment("role", role.name(), role.comment(), counterpart.flatMap(Role::comment));
        }
        warnOfPasswords(roles);
        return plan.build();
    }

    private void create(Role role) {
        List<String> options = new ArrayList<>();
        for (RoleFlag flag : RoleFlag.values()) {
            // A refused NOSUPERUSER would be as fatal as a refused SUPERUSER, and off is the default.
            if (permitted.contains(flag)) {
                options.add(option(flag, role.has(flag)));
            } else if (role.has(flag)) {
                warnOfFlag(role, flag);
            }
        }
        if (role.connectionLimit() != -1) {
            options.add("CONNECTION LIMIT " + role.connectionLimit());
        }
        role.validUntil().ifPresent(time -> options.add("VALID UNTIL " + literal(time)));
        plan.add(SqlStatement.of(
                "CREATE ROLE " + identifier(role.name()) + " WITH " + String.join(" ", options),
                "create role " + identifier(role.name())));
    }

    private void alter(Role role, Role counterpart) {
        List<String> options = new ArrayList<>();
        for (RoleFlag flag : RoleFlag.values()) {
            if (role.has(flag) != counterpart.has(flag)) {
                if (permitted.contains(flag)) {
                    options.add(option(flag, role.has(flag)));
                } else {
                    warnOfFlag(role, flag);
                }
            }
        }
        if (role.connectionLimit() != counterpart.connectionLimit()) {
            options.add("CONNECTION LIMIT " + role.connectionLimit());
        }
        // There is no way back from a time to none at all, but infinity means the same.
        String until = role.validUntil().orElse("infinity");
        boolean same = role.validUntil().equals(counterpart.validUntil())
                || (role.validUntil().isEmpty()
                        && counterpart.validUntil().orElse(until).equals(until));
        if (!same) {
            options.add("VALID UNTIL " + literal(until));
        }
        if (!options.isEmpty()) {
            String changes = String.join(" ", options);
            plan.add(SqlStatement.of(
                    "ALTER ROLE " + identifier(role.name()) + " WITH " + changes,
                    "alter role " + identifier(role.name()) + ": " + changes));
        }
    }

    private void password(Role role, Optional<Role> counterpart) {
        if (role.password().isEmpty()) {
            if (source.passwordsReadable()
                    && counterpart.flatMap(Role::password).isPresent()) {
                plan.warn("role " + identifier(role.name())
                        + " has no password on the source and keeps the one it has on the target");
            }
            return;
        }
        Secret password = role.password().get();
        if (counterpart.isPresent()) {
            if (!existing.passwordsReadable()) {
                plan.warn("role " + identifier(role.name()) + " keeps the password it has on the target, which "
                        + identifier(target.user()) + " may not compare with the source's");
                return;
            }
            Optional<Secret> present = counterpart.get().password();
            if (present.isPresent() && PasswordText.same(role.name(), password, present.get())) {
                return;
            }
        }
        // Apart from CREATE ROLE, so that a target that checks passwords and refuses this one still has the role.
        plan.add(SqlStatement.of(
                        "ALTER ROLE " + identifier(role.name()) + " WITH ENCRYPTED PASSWORD "
                                + literal(password.reveal()),
                        "set the password of role " + identifier(role.name()))
                .secret());
    }

    private void warnOfPasswords(List<Role> roles) {
        if (!source.passwordsReadable()) {
            // Also after a run that was broken off, whose roles are there already.
            String names = names(roles.stream()
                    .filter(role -> role.has(RoleFlag.LOGIN)
                            && existing.find(role.name())
                                    .flatMap(Role::password)
                                    .isEmpty())
                    .toList());
            if (!names.isEmpty()) {
                String unless = existing.passwordsReadable() ? "" : ", unless they had one on the target";
                plan.warn("the source's user may not read pg_authid, so these roles are created without a password"
                        + unless + "; give them one by ALTER ROLE ... PASSWORD: " + names);
            }
        }
    }

    private void warnOfFlag(Role role, RoleFlag flag) {
        plan.warn("role " + identifier(role.name()) + ": " + option(flag, role.has(flag)) + " is left out, "
                + identifier(target.user()) + " may not set it on the target");
    }

    private static String names(List<Role> roles) {
        return roles.stream().map(role -> identifier(role.name())).collect(Collectors.joining(", "));
    }

    private static String option(RoleFlag flag, boolean on) {
        return on ? flag.name() : "NO" + flag.name();
    }

    /**
     * What the user may give to others: from 16 on no more than it has itself, before that a user with CREATEROLE could
     * give away anything but these three.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-createrole.html">CREATE ROLE</a>
     */
    private static Set<RoleFlag> permitted(ServerFacts target) {
        Set<RoleFlag> flags = EnumSet.allOf(RoleFlag.class);
        if (target.isSuperuser()) {
            return flags;
        }
        flags.remove(RoleFlag.SUPERUSER);
        boolean giveWhatOneHas = target.version().isAtLeast(ServerVersion.V16);
        for (RoleFlag flag : Set.of(RoleFlag.REPLICATION, RoleFlag.BYPASSRLS, RoleFlag.CREATEDB)) {
            boolean allowed = giveWhatOneHas ? target.userFlags().contains(flag) : flag == RoleFlag.CREATEDB;
            if (!allowed) {
                flags.remove(flag);
            }
        }
        return flags;
    }

    /** The names a target has once this plan is carried out. */
    static Set<String> namesAfterwards(Roles source, ServerFacts target) {
        Set<String> names = new TreeSet<>(target.roles());
        carriedOver(source, target).forEach(role -> names.add(role.name()));
        return names;
    }
}
