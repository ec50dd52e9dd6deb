package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.OwnedObject;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.Session;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The statements that give a database's objects their owners on the source, where the target's user may. */
final class OwnerPlan {
    private static final String DATABASE_OWNER = "pg_database_owner";

    private OwnerPlan() {}

    /**
     * Compares both sides.
     *
     * @param session on the target's database, to ask who may create in which schema
     */
    static StatementPlan of(
            List<OwnedObject> wanted, List<OwnedObject> existing, ServerFacts target, Reach reach, Session session) {
        Map<OwnedObject.Key, OwnedObject> there =
                existing.stream().collect(Collectors.toMap(OwnedObject::key, Function.identity(), (one, same) -> one));
        StatementPlan.Builder plan = new StatementPlan.Builder();
        Map<List<String>, Boolean> mayCreate = new HashMap<>();
        for (OwnedObject object : wanted) {
            OwnedObject counterpart = there.get(object.key());
            if (counterpart == null
                    || object.followsOwner()
                    || counterpart.followsOwner()
                    || counterpart.owner().equals(object.owner())
                    || isDatabaseOwners(object, counterpart)) {
                continue;
            }
            String stays = object.label() + " belongs to " + identifier(counterpart.owner()) + ": ";
            if (!target.roles().contains(object.owner())) {
                plan.warn(stays + "the target has no role " + identifier(object.owner()));
            } else if (!reach.superuser() && !reach.roles().contains(object.owner())) {
                plan.warn(stays + identifier(target.user()) + " may not give it to " + identifier(object.owner()));
            } else {
                plan.add(give(object, mayCreate, session));
            }
        }
        return plan.build();
    }

    /** From 15 on every database's own public schema is its owner's, before it was the bootstrap superuser's. */
    private static boolean isDatabaseOwners(OwnedObject object, OwnedObject counterpart) {
        return object.type().equals("schema")
                && object.identity().equals("public")
                && counterpart.owner().equals(DATABASE_OWNER);
    }

    private static SqlStatement give(OwnedObject object, Map<List<String>, Boolean> mayCreate, Session session) {
        String sql =
                "ALTER " + keyword(object.type()) + " " + object.identity() + " OWNER TO " + identifier(object.owner());
        if (object.schema().isPresent()) {
            List<String> pair = List.of(object.owner(), object.schema().get());
            if (!mayCreate.computeIfAbsent(
                    pair,
                    asked -> session.flag(
                            "SELECT pg_catalog.has_schema_privilege(?::name, ?, 'CREATE')",
                            asked.get(0),
                            asked.get(1)))) {
                // Who is given something must be able to create it there; one transaction, so that nothing is left of
                // it.
                String right = "CREATE ON SCHEMA " + identifier(pair.get(1));
                String owner = identifier(pair.get(0));
                sql = "GRANT " + right + " TO " + owner + "; " + sql + "; REVOKE " + right + " FROM " + owner;
            }
        }
        return SqlStatement.of(sql, "give " + object.label() + " to " + identifier(object.owner()))
                .toleratingFailure();
    }

    private static String keyword(String type) {
        return switch (type) {
            case "statistics object" -> "STATISTICS";
            case "foreign-data wrapper" -> "FOREIGN DATA WRAPPER";
            default -> type.toUpperCase(Locale.ROOT);
        };
    }
}
