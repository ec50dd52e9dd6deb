package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.AclEntry;
import io.pgconvoy.catalog.ServerFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The statements that give an object of the target the privileges it has on the source. Of what the target's object
 * grants already, only that is revoked which every new object of its kind grants by default and the source's does not.
 */
final class AclPlan {
    /**
     * The kinds of objects that belong to no single database and have privileges; the names are SQL's keywords.
     *
     * @see <a href="https://www.postgresql.org/docs/current/ddl-priv.html">Privileges, with the default ones</a>
     */
    enum Kind {
        DATABASE,
        TABLESPACE,
        PARAMETER;

        private List<String> ownersDefaults() {
            return switch (this) {
                case DATABASE -> List.of("CREATE", "TEMPORARY", "CONNECT");
                case TABLESPACE -> List.of("CREATE");
                case PARAMETER -> List.of("SET", "ALTER SYSTEM");
            };
        }

        private List<String> everybodysDefaults() {
            return this == DATABASE ? List.of("TEMPORARY", "CONNECT") : List.of();
        }

        private boolean isDefault(AclEntry entry, String owner) {
            if (entry.grantable() || !entry.grantor().equals(owner)) {
                return false;
            }
            return entry.grantee().isEmpty()
                    ? everybodysDefaults().contains(entry.privilege())
                    : entry.grantee().get().equals(owner) && ownersDefaults().contains(entry.privilege());
        }
    }

    private final Kind kind;
    private final String name;
    private final String owner;
    private final ServerFacts target;
    private final StatementPlan.Builder plan = new StatementPlan.Builder();

    private AclPlan(Kind kind, String name, String owner, ServerFacts target) {
        this.kind = kind;
        this.name = name;
        this.owner = owner;
        this.target = target;
    }

    /**
     * Compares both sides.
     *
     * @param name the object's name on the target
     * @param sourceOwner for a parameter, the source's bootstrap superuser
     * @param owner the object's owner on the target, who stands in for the source's
     * @param wanted the privileges in force on the source
     * @param existing the privileges in force on the target
     */
    static StatementPlan of(
            Kind kind,
            String name,
            String sourceOwner,
            String owner,
            List<AclEntry> wanted,
            List<AclEntry> existing,
            ServerFacts target) {
        return new AclPlan(kind, name, owner, target).build(sourceOwner, wanted, existing);
    }

    private StatementPlan build(String sourceOwner, List<AclEntry> wanted, List<AclEntry> existing) {
        Set<AclEntry> translated = new LinkedHashSet<>();
        wanted.forEach(entry -> translated.add(translate(entry, sourceOwner)));
        for (AclEntry entry : existing) {
            if (kind.isDefault(entry, owner) && !translated.contains(entry)) {
                revoke(entry);
            }
        }
        List<AclEntry> missing = new ArrayList<>();
        Set<String> absent = new LinkedHashSet<>();
        for (AclEntry entry : translated) {
            if (existing.stream().anyMatch(present -> present.covers(entry))) {
                continue;
            }
            if (entry.grantee().isPresent()
                    && !target.roles().contains(entry.grantee().get())) {
                absent.add(entry.grantee().get());
            } else {
                missing.add(entry);
            }
        }
        absent.forEach(role -> plan.warn("privileges of " + identifier(role) + " on " + object()
                + " are left out: the target has no such role"));
        inGrantorsOrder(missing, existing).forEach(this::grant);
        return plan.build();
    }

    private AclEntry translate(AclEntry entry, String sourceOwner) {
        AclEntry here = entry.with(sourceOwner, owner);
        // Whoever is not there cannot grant; the owner can.
        return target.roles().contains(here.grantor())
                ? here
                : new AclEntry(owner, here.grantee(), here.privilege(), here.grantable());
    }

    /** Nobody grants before having got the grant option; the owner always has it. */
    private Map<Grant, List<String>> inGrantorsOrder(List<AclEntry> missing, List<AclEntry> existing) {
        List<AclEntry> known = new ArrayList<>(existing);
        List<AclEntry> waiting = new ArrayList<>(missing);
        Map<Grant, List<String>> groups = new LinkedHashMap<>();
        while (!waiting.isEmpty()) {
            List<AclEntry> next =
                    waiting.stream().filter(entry -> mayGrant(entry, known)).toList();
            if (next.isEmpty()) {
                next = List.copyOf(waiting);
            }
            for (AclEntry entry : next) {
                groups.computeIfAbsent(Grant.of(entry), key -> new ArrayList<>())
                        .add(entry.privilege());
            }
            known.addAll(next);
            waiting.removeAll(next);
        }
        return groups;
    }

    private boolean mayGrant(AclEntry entry, List<AclEntry> known) {
        return entry.grantor().equals(owner)
                || known.stream()
                        .anyMatch(present -> present.grantable()
                                && present.privilege().equals(entry.privilege())
                                && present.grantee().equals(Optional.of(entry.grantor())));
    }

    private void revoke(AclEntry entry) {
        String what = entry.privilege() + " ON " + object() + " FROM " + Grant.grantee(entry.grantee());
        plan.add(SqlStatement.of("REVOKE " + what, "revoke " + what));
    }

    private void grant(Grant grant, List<String> privileges) {
        String what =
                privileges.stream().distinct().collect(Collectors.joining(", ")) + " ON " + object() + grant.end();
        boolean byOwner = grant.grantor().equals(owner);
        plan.add(SqlStatement.of(
                        "GRANT " + what, "grant " + what + (byOwner ? "" : " as " + identifier(grant.grantor())))
                // A superuser grants in the owner's name; for everybody else the session takes that role.
                .asRole(byOwner ? Optional.empty() : Optional.of(grant.grantor())));
    }

    private String object() {
        return kind.name() + " " + identifier(name);
    }
}
