package io.pgconvoy.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What every session of pgconvoy and of its tools sets at connection start, before any setting that an administrator
 * attached to the database or to the role: a statement_timeout of theirs would break off the dump, a {@code role} would
 * hide rows from it, a DateStyle would change its texts.
 */
public final class SessionSettings {
    /** A setting of ours, which no server has by itself. */
    private static final String MARK = "pgconvoy.session";

    private static final String MARKED = "pinned";

    /** What the driver chooses itself. */
    private static final Set<String> OF_THE_DRIVER = Set.of("DateStyle", "TimeZone", "extra_float_digits");

    private SessionSettings() {}

    /** The settings for a server of this version, by name. */
    public static Map<String, String> of(ServerVersion version) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("statement_timeout", "0");
        settings.put("lock_timeout", "0");
        if (version.isAtLeast(ServerVersion.V9_6)) {
            settings.put("idle_in_transaction_session_timeout", "0");
        }
        if (version.isAtLeast(ServerVersion.V14)) {
            settings.put("idle_session_timeout", "0");
        }
        if (version.isAtLeast(ServerVersion.V17)) {
            settings.put("transaction_timeout", "0");
        }
        settings.put("default_transaction_read_only", "off");
        settings.put("default_transaction_isolation", "read\\ committed");
        settings.put("default_transaction_deferrable", "off");
        // Where a role may not see every row, off makes the query an error; on would silently leave rows out.
        settings.put("row_security", "off");
        settings.put("role", "none");
        settings.put("search_path", "pg_catalog");
        settings.put("DateStyle", "ISO,YMD");
        settings.put("IntervalStyle", "postgres");
        settings.put("TimeZone", "UTC");
        settings.put("extra_float_digits", "3");
        settings.put("bytea_output", "hex");
        // A money of one locale's text is another amount, or none, under another.
        settings.put("lc_monetary", "C");
        settings.put("standard_conforming_strings", "on");
        settings.put("synchronize_seqscans", "off");
        return settings;
    }

    /** The settings, and further ones, as the {@code options} of a connection, with the mark by which they are known to have
     * been heard. */
    static String asOptions(ServerVersion version, Map<String, String> further) {
        Map<String, String> settings = of(version);
        settings.putAll(further);
        settings.put(MARK, MARKED);
        return join(settings);
    }

    /**
     * Puts in force what the driver asks for by itself when it connects, later than the options, and what a login trigger
     * has changed, in one round trip.
     *
     * @param further what else the session is to have
     * @return whether the options were heard at all: a pooler may drop them, and would do so in sessions of the tools
     */
    static boolean enforce(Connection connection, ServerVersion version, Map<String, String> further)
            throws SQLException {
        Map<String, String> settings = of(version);
        settings.putAll(further);
        if (!version.isAtLeast(ServerVersion.V17)) {
            // There are no login triggers.
            settings.keySet().retainAll(OF_THE_DRIVER);
        }
        // Unlike a query, these are not planned.
        String sql = settings.entrySet().stream()
                .map(setting -> "SET " + setting.getKey() + " = "
                        + Sql.literal(setting.getValue().replace("\\", "")))
                .collect(Collectors.joining("; ", "SHOW " + MARK + "; ", ""));
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return MARKED.equals(row.getString(1));
            }
        } catch (SQLException failure) {
            if (SqlState.isUnknownSetting(failure)) {
                return false;
            }
            throw failure;
        }
    }

    /**
     * The settings as PGOPTIONS for pg_dump and pg_restore, which choose search_path and formats themselves; a time zone
     * of ours would show in what a restore computes anew, such as materialized views. Nothing waits for each commit's WAL:
     * before a marker tells of a restore, one synchronous commit takes all of them along, for which 9.5 has no function.
     *
     * @param further settings, by name
     */
    static String asToolOptions(ServerVersion version, Map<String, String> further) {
        Map<String, String> settings = of(version);
        settings.remove("search_path");
        settings.remove("TimeZone");
        if (version.isAtLeast(ServerVersion.V9_6)) {
            settings.put("synchronous_commit", "off");
        }
        // The server takes a backslash in front of a blank or of another backslash away.
        further.forEach((name, value) -> settings.put(name, value.replaceAll("[\\\\\\s]", "\\\\$0")));
        return join(settings);
    }

    private static String join(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(setting -> "-c " + setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(" "));
    }
}
