package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.AclEntry;
import io.pgconvoy.catalog.OwnedObject;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The statements that give a database's objects the privileges they have on the source: grants what is missing, in the
 * grantor's name where the target's user may act as that role, and revokes from PUBLIC what the source does not grant.
 * The owner's own privileges are left as they are.
 */
final class ObjectAclPlan {
    private final ServerFacts target;
    private final Reach reach;
    private final StatementPlan.Builder plan = new StatementPlan.Builder();

    private ObjectAclPlan(ServerFacts target, Reach reach) {
        this.target = target;
        this.reach = reach;
    }

    /** Compares both sides, the owners being what they will be. */
    static StatementPlan of(List<OwnedObject> wanted, List<OwnedObject> existing, ServerFacts target, Reach reach) {
        ObjectAclPlan plan = new ObjectAclPlan(target, reach);
        Map<OwnedObject.Key, OwnedObject> there =
                existing.stream().collect(Collectors.toMap(OwnedObject::key, Function.identity(), (one, same) -> one));
        for (OwnedObject object : wanted) {
            OwnedObject counterpart = there.get(object.key());
            if (counterpart != null) {
                plan.repair(object, counterpart.owner(), counterpart.acl());
            } else if (object.column().isPresent()) {
                // A column without privileges of its own is not listed.
                OwnedObject.Key table = new OwnedObject.Key(object.type(), object.identity(), Optional.empty());
                if (there.containsKey(table)) {
                    plan.repair(object, there.get(table).owner(), List.of());
                }
            }
        }
        return plan.plan.build();
    }

    private void repair(OwnedObject object, String owner, List<AclEntry> existing) {
        Set<AclEntry> wanted = new LinkedHashSet<>();
        object.acl().forEach(entry -> wanted.add(entry.with(object.owner(), owner)));
        List<AclEntry> missing = new ArrayList<>();
        Set<String> absent = new LinkedHashSet<>();
        for (AclEntry entry : wanted) {
            boolean owners = entry.grantee().equals(Optional.of(owner));
            boolean covered = existing.stream().anyMatch(present -> present.covers(entry));
            if (owners || covered) {
                continue;
            }
            Optional<String> unknown =
                    entry.grantee().filter(role -> !target.roles().contains(role));
            if (unknown.isPresent()) {
                absent.add(unknown.get());
            } else {
                missing.add(entry);
            }
        }
        absent.forEach(role -> plan.warn("privileges of " + identifier(role) + " on " + object.label()
                + " are left out: the target has no such role"));
        // Where somebody else has a grant option too, the server chooses in whose name a member of both grants.
        boolean unclear = wanted.stream()
                .anyMatch(entry -> entry.grantable() && !entry.grantee().equals(Optional.of(owner)));
        // First the owner's grants, since the others' grants rest on them.
        for (boolean byOwner : List.of(true, false)) {
            grant(
                    object,
                    missing.stream()
                            .filter(entry -> entry.grantor().equals(owner) == byOwner)
                            .toList(),
                    owner,
                    unclear);
        }
        for (AclEntry entry : existing) {
            boolean byOwner = entry.grantor().equals(owner);
            boolean ofOwner = entry.grantee().equals(Optional.of(owner));
            boolean extra = byOwner ? entry.grantee().isEmpty() : !ofOwner;
            if (extra && wanted.stream().noneMatch(entry::isSame)) {
                String what = privileges(List.of(entry.privilege()), object) + " ON " + subject(object) + " FROM "
                        + Grant.grantee(entry.grantee());
                plan.add(SqlStatement.of("REVOKE " + what, "revoke " + what + (byOwner ? "" : as(entry.grantor())))
                        .asRole(byOwner ? role(owner, unclear) : Optional.of(entry.grantor()))
                        .toleratingFailure());
            }
        }
    }

    /** In whose name the owner's own grants are made; empty for the connected user, who may do it for the owner. */
    private Optional<String> role(String owner, boolean unclear) {
        return unclear && !owner.equals(target.user()) && reach.roles().contains(owner)
                ? Optional.of(owner)
                : Optional.empty();
    }

    private void grant(OwnedObject object, List<AclEntry> entries, String owner, boolean unclear) {
        Map<Grant, List<String>> groups = new LinkedHashMap<>();
        for (AclEntry entry : entries) {
            groups.computeIfAbsent(Grant.of(entry), key -> new ArrayList<>()).add(entry.privilege());
        }
        groups.forEach((grant, privileges) -> {
            boolean byOwner = grant.grantor().equals(owner);
            String granted = privileges(privileges, object) + " ON " + subject(object) + grant.end();
            String what = granted + (byOwner ? "" : as(grant.grantor()));
            if (!byOwner && !reach.superuser() && !reach.roles().contains(grant.grantor())) {
                plan.warn("could not grant " + what + ": " + identifier(target.user()) + " may not act as that role");
                return;
            }
            plan.add(SqlStatement.of("GRANT " + granted, "grant " + what)
                    .asRole(byOwner ? role(owner, unclear) : Optional.of(grant.grantor()))
                    .toleratingFailure());
        });
    }

    private static String as(String grantor) {
        return " as " + identifier(grantor);
    }

    private static String privileges(List<String> privileges, OwnedObject object) {
        String column =
                object.column().map(name -> " (" + identifier(name) + ")").orElse("");
        return privileges.stream().distinct().map(one -> one + column).collect(Collectors.joining(", "));
    }

    private static String subject(OwnedObject object) {
        String keyword = switch (object.type()) {
            case "view", "materialized view", "foreign table" -> "TABLE";
            case "aggregate" -> "FUNCTION";
            case "foreign-data wrapper" -> "FOREIGN DATA WRAPPER";
            case "server" -> "FOREIGN SERVER";
            default -> object.type().toUpperCase(Locale.ROOT);
        };
        return keyword + " " + object.identity();
    }
}
