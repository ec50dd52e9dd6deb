package io.pgconvoy.catalog;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which values of settings the target refuses although it knows the setting: client_min_messages = fatal, a time zone that is
 * gone. It is asked by a temporary function with that SET, as a restore makes one, which is rolled back.
 */
public final class SettingValues {
    /** Their values name what the migration makes on the target, or are lists. */
    private static final Set<String> NAMES_OBJECTS = Set.of(
            "role",
            "session_authorization",
            "search_path",
            "default_tablespace",
            "temp_tablespaces",
            "default_text_search_config",
            "default_table_access_method",
            "session_preload_libraries",
            "local_preload_libraries");

    private final Map<String, Boolean> refused = new HashMap<>();

    /** Whether it refuses that value; what else stands in the way of a SET says nothing about the value. */
    public boolean areRefused(Session target, String name, String value) {
        return !NAMES_OBJECTS.contains(name.toLowerCase(Locale.ROOT))
                && refused.computeIfAbsent(name + "=" + value, setting -> ask(target, name, value));
    }

    private static boolean ask(Session target, String name, String value) {
        try {
            // As in a restore: what is not there yet is no reason to refuse a value.
            return target.rolledBack(session -> {
                session.execute("SET LOCAL check_function_bodies = off");
                session.execute("CREATE FUNCTION pg_temp.pgconvoy_setting() RETURNS integer LANGUAGE sql SET "
                        + Sql.identifier(name) + " TO " + Sql.literal(value) + " AS 'SELECT 1'");
                return false;
            });
        } catch (SqlFailure failure) {
            if (SqlState.isBrokenOff(failure)) {
                throw failure;
            }
            return SqlState.isInvalidParameter(failure);
        }
    }
}
