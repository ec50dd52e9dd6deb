package io.pgconvoy.preflight;

import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which values of settings the target refuses although it knows the setting: client_min_messages = fatal, a time zone that is
 * gone. It is asked by a temporary function with that SET, as a restore makes one, which is rolled back.
 */
final class SettingValues {
    private final Map<String, Boolean> refused = new HashMap<>();

    /** Whether it refuses that value; what else stands in the way of a SET says nothing about the value. */
    boolean areRefused(ServerSession target, String name, String value) throws SQLException {
        String key = name + "=" + value;
        Boolean known = refused.get(key);
        if (known == null) {
            known = ask(target, name, value);
            refused.put(key, known);
        }
        return known;
    }

    private static boolean ask(ServerSession target, String name, String value) throws SQLException {
        try {
            return Transaction.rolledBack(target.connection(), statement -> {
                // As in a restore: what is not there yet is no reason to refuse a value.
                statement.execute("SET LOCAL check_function_bodies = off");
                statement.execute("CREATE FUNCTION pg_temp.pgconvoy_setting() RETURNS integer LANGUAGE sql SET "
                        + Sql.identifier(name) + " TO " + Sql.literal(value) + " AS 'SELECT 1'");
                return false;
            });
        } catch (SQLException failure) {
            if (SqlState.isTransient(failure)) {
                throw failure;
            }
            return SqlState.isInvalidParameter(failure);
        }
    }
}
