package io.pgconvoy.postgres;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How soon a connection on which nothing arrives is asked whether it is still there, by both of its ends: a firewall
 * forgets an idle one, after 350 s in some clouds, and a server that is gone says nothing.
 *
 * @param on whether this end asks at all
 * @param idleSeconds after which time without anything; 0 for the system's own value, as everywhere here
 * @param intervalSeconds how long an answer may take
 * @param count after so many without an answer the connection is lost
 * @param userTimeoutMillis how long sent data may stay without an answer. It ends a connection also while the other end is
 *     too busy to take more, so it is off unless the user wants it
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES">libpq's parameters</a>
 */
record Keepalives(boolean on, int idleSeconds, int intervalSeconds, int count, int userTimeoutMillis) {
    static final String ON = "keepalives";
    static final String IDLE = "keepalives_idle";
    static final String INTERVAL = "keepalives_interval";
    static final String COUNT = "keepalives_count";
    static final String USER_TIMEOUT = "tcp_user_timeout";

    /** What Linux does by itself. */
    private static final long SYSTEM_IDLE = 7200;

    private static final long SYSTEM_INTERVAL = 75;
    private static final long SYSTEM_COUNT = 9;

    private static final long MOST = Duration.ofDays(7).toSeconds();

    private static final Keepalives DEFAULT = new Keepalives(true, 30, 10, 6, 0);

    /** @param parameters of a connection, by libpq's names */
    static Keepalives of(Map<String, String> parameters) {
        return new Keepalives(
                number(parameters, ON, 1) != 0,
                number(parameters, IDLE, DEFAULT.idleSeconds),
                number(parameters, INTERVAL, DEFAULT.intervalSeconds),
                number(parameters, COUNT, DEFAULT.count),
                number(parameters, USER_TIMEOUT, DEFAULT.userTimeoutMillis));
    }

    /** How long all of that takes to find a connection lost; zero where it is not asked for. */
    Duration patience() {
        if (!on) {
            return Duration.ZERO;
        }
        long idle = idleSeconds > 0 ? idleSeconds : SYSTEM_IDLE;
        long interval = intervalSeconds > 0 ? intervalSeconds : SYSTEM_INTERVAL;
        return Duration.ofSeconds(Math.min(MOST, idle + interval * (count > 0 ? count : SYSTEM_COUNT)));
    }

    private static int number(Map<String, String> parameters, String name, int otherwise) {
        return parameters.containsKey(name) ? Integer.parseInt(parameters.get(name)) : otherwise;
    }

    static Keepalives parse(String text) {
        String[] parts = text.split(",", -1);
        return new Keepalives(
                Boolean.parseBoolean(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Integer.parseInt(parts[3]),
                Integer.parseInt(parts[4]));
    }

    /** For {@link #parse}. */
    @Override
    public String toString() {
        return on + "," + idleSeconds + "," + intervalSeconds + "," + count + "," + userTimeoutMillis;
    }

    /** By libpq's names. */
    Map<String, String> forLibpq() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put(ON, on ? "1" : "0");
        if (on) {
            parameters.put(IDLE, String.valueOf(idleSeconds));
            parameters.put(INTERVAL, String.valueOf(intervalSeconds));
            parameters.put(COUNT, String.valueOf(count));
        }
        if (userTimeoutMillis > 0) {
            parameters.put(USER_TIMEOUT, String.valueOf(userTimeoutMillis));
        }
        return parameters;
    }

    /** For the server's end of the connection, which otherwise keeps a lost client's locks for two hours. */
    Map<String, String> forServer(ServerVersion version) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (on) {
            settings.put("tcp_keepalives_idle", String.valueOf(idleSeconds));
            settings.put("tcp_keepalives_interval", String.valueOf(intervalSeconds));
            settings.put("tcp_keepalives_count", String.valueOf(count));
        }
        if (userTimeoutMillis > 0 && version.isAtLeast(ServerVersion.V12)) {
            settings.put("tcp_user_timeout", String.valueOf(userTimeoutMillis));
        }
        return settings;
    }
}
