package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** What a new session of the target sees: the only proof that a setting is in force. */
final class FreshSession {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final String NAMES = Arrays.stream(TunedSetting.values())
            .map(setting -> Sql.literal(setting.parameter()))
            .collect(Collectors.joining(", "));

    /** 9.5 keeps it to itself that max_wal_size counts segments, which 9.6 says. */
    private static final String UNIT =
            "CASE WHEN name = 'max_wal_size' THEN coalesce(unit, current_setting('wal_segment_size')) ELSE unit END";

    private FreshSession() {}

    /** The settings that are tuned, by name; a parameter that the server does not know is absent. */
    static Map<String, Setting> settings(Server target, Connection fresh) throws SQLException {
        // From 15 on ALTER SYSTEM can be granted for single parameters.
        String changeable = target.version().isAtLeast(ServerVersion.V15)
                ? "has_parameter_privilege(name, 'ALTER SYSTEM')"
                : "current_setting('is_superuser') = 'on'";
        Map<String, Setting> settings = new LinkedHashMap<>();
        try (Statement statement = fresh.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, setting, " + UNIT + ", source, max_val, "
                        + changeable + " FROM pg_settings WHERE name IN (" + NAMES + ")")) {
            while (rows.next()) {
                settings.put(
                        rows.getString(1),
                        new Setting(
                                rows.getString(1),
                                rows.getString(2),
                                Optional.ofNullable(rows.getString(3)),
                                rows.getString(4),
                                Optional.ofNullable(rows.getString(5)),
                                rows.getBoolean(6)));
            }
        }
        return settings;
    }

    /** As {@link #settings(Server, Connection)}, in a session of its own. */
    static Map<String, Setting> settings(Server target) throws SQLException {
        try (Connection fresh = target.open()) {
            return settings(target, fresh);
        }
    }

    /**
     * Has the server read its configuration files and waits until new sessions start with the result. pg_reload_conf()
     * only sends a signal; the time at which the files were loaded, which new sessions inherit, tells when it is done.
     * It stays as it was where the files have a syntax error.
     *
     * @return whether the files were loaded within the time
     */
    static boolean reload(Server target, Connection connection, Duration patience) throws SQLException {
        String before;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT clock_timestamp(), pg_reload_conf()")) {
            rows.next();
            before = rows.getString(1);
        }
        String loaded = "SELECT pg_conf_load_time() > " + Sql.literal(before) + "::timestamptz";
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try (Connection fresh = target.open();
                    Statement statement = fresh.createStatement();
                    ResultSet rows = statement.executeQuery(loaded)) {
                rows.next();
                if (rows.getBoolean(1)) {
                    return true;
                }
            }
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
