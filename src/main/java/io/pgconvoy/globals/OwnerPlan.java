package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.OwnedObject;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
     * @param connection to the target's database, to ask who may create in which schema
     */
    static StatementPlan of(
            List<OwnedObject> wanted,
            List<OwnedObject> existing,
            ServerFacts target,
            Reach reach,
            Connection connection)
            throws SQLException {
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
                plan.add(give(object, mayCreate, connection));
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

    private static SqlStatement give(OwnedObject object, Map<List<String>, Boolean> mayCreate, Connection connection)
            throws SQLException {
        String sql =
                "ALTER " + keyword(object.type()) + " " + object.identity() + " OWNER TO " + identifier(object.owner());
        if (object.schema().isPresent()) {
            List<String> pair = List.of(object.owner(), object.schema().get());
            Boolean may = mayCreate.get(pair);
            if (may == null) {
                may = mayCreate(connection, pair.get(0), pair.get(1));
                mayCreate.put(pair, may);
            }
            if (!may) {
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

    private static boolean mayCreate(Connection connection, String role, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.has_schema_privilege(?::name, ?, 'CREATE')")) {
            statement.setString(1, role);
            statement.setString(2, schema);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static String keyword(String type) {
        return switch (type) {
            case "statistics object" -> "STATISTICS";
            case "foreign-data wrapper" -> "FOREIGN DATA WRAPPER";
            default -> type.toUpperCase(Locale.ROOT);
        };
    }
}
