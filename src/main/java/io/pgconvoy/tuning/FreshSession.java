package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
    static Map<String, ServerSetting> settings(Session fresh) {
        // From 15 on ALTER SYSTEM can be granted for single parameters.
        String changeable = fresh.version().isAtLeast(ServerVersion.V15)
                ? "has_parameter_privilege(name, 'ALTER SYSTEM')"
                : "current_setting('is_superuser') = 'on'";
        Map<String, ServerSetting> settings = new LinkedHashMap<>();
        fresh.each(
                "SELECT name, setting, " + UNIT + ", source, max_val, " + changeable
                        + " FROM pg_settings WHERE name IN (" + NAMES + ")",
                row -> settings.put(
                        row.getString(1),
                        new ServerSetting(
                                row.getString(1),
                                row.getString(2),
                                row.text(3),
                                row.getString(4),
                                row.text(5),
                                row.getBoolean(6))));
        return settings;
    }

    /** As {@link #settings(Session)}, in a session of its own. */
    static Map<String, ServerSetting> settings(Server target) {
        try (Session fresh = target.session("asking for its settings")) {
            return settings(fresh);
        }
    }

    /**
     * Has the server read its configuration files and waits until new sessions start with the result. pg_reload_conf()
     * only sends a signal; the time at which the files were loaded, which new sessions inherit, tells when it is done.
     * It stays as it was where the files have a syntax error.
     *
     * @return whether the files were loaded within the time
     */
    static boolean reload(Session session, Duration patience) {
        String before =
                session.text("SELECT clock_timestamp(), pg_reload_conf()").orElseThrow();
        String loaded = "SELECT pg_conf_load_time() > " + Sql.literal(before) + "::timestamptz";
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try (Session fresh = session.server().session("waiting for it to load its configuration files")) {
                if (fresh.flag(loaded)) {
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
