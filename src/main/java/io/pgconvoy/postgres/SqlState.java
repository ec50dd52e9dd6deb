package io.pgconvoy.postgres;

import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * What the SQLSTATE of a failure, or of the statement's failure that caused it, says about trying again.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
 */
public final class SqlState {
    /** crash_shutdown */
    static final String CRASHED = "57P02";

    private static final Set<String> TRANSIENT = Set.of("57P01", CRASHED, "57P03", "53300");

    private SqlState() {}

    private static Optional<SQLException> sql(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return Optional.of(sql);
            }
        }
        return Optional.empty();
    }

    /** The state itself; empty where there is none. */
    public static String state(Throwable failure) {
        return sql(failure).map(SQLException::getSQLState).orElse("");
    }

    private static String message(Throwable failure) {
        return String.valueOf(sql(failure).map(Throwable::getMessage).orElse(failure.getMessage()));
    }

    /** What the server said, in one line. */
    public static String reason(Throwable failure) {
        String message = message(failure);
        return message.lines().findFirst().orElse(message);
    }

    /** Whether the same statement may succeed a little later: lost connection, restart, serialization, no slot free. */
    public static boolean isTransient(Exception exception) {
        String state = state(exception);
        // 08004 is the server's refusal of the login itself, which another try will not change.
        return TRANSIENT.contains(state)
                || state.startsWith("40")
                || isLostWorker(exception)
                || (state.startsWith("08") && !"08004".equals(state));
    }

    /** Whether a process that worked for the session was ended, for which the server has no state of its own. */
    private static boolean isLostWorker(Exception exception) {
        return Set.of("55000", "XX000").contains(state(exception))
                && message(exception).contains("parallel worker");
    }

    /** Whether the statement was broken off, by us or by anybody: that is no answer to it, neither yes nor no. */
    public static boolean isBrokenOff(Exception exception) {
        return isTransient(exception) || "57014".equals(state(exception));
    }

    /** Whether a password is wrong, or is asked for and absent (the driver reports the latter as 08004). */
    public static boolean isAuthentication(Exception exception) {
        String state = state(exception);
        return state.startsWith("28") || "08004".equals(state);
    }

    public static boolean isUnknownDatabase(Exception exception) {
        return "3D000".equals(state(exception));
    }

    public static boolean isPrivilege(Exception exception) {
        return "42501".equals(state(exception));
    }

    /** Whether a setting is not there (undefined_object). */
    static boolean isUnknownSetting(Exception exception) {
        return "42704".equals(state(exception));
    }

    /** Whether the transaction may not write, as on a standby. */
    public static boolean isReadOnly(Exception exception) {
        return "25006".equals(state(exception));
    }

    /** Whether somebody else is using what is to be changed: a database with sessions in it, say. */
    public static boolean isInUse(Exception exception) {
        return "55006".equals(state(exception));
    }

    /** Whether a database or an object of this name is there already. */
    public static boolean isDuplicate(Exception exception) {
        return "42P04".equals(state(exception)) || "42710".equals(state(exception));
    }

    /** Whether somebody changed the same row of a catalog at the same time, which the server reports as an internal error. */
    public static boolean isConcurrentUpdate(Exception exception) {
        return "XX000".equals(state(exception)) && message(exception).contains("concurrently");
    }

    /** Whether somebody else's lock was in the way: at once with NOWAIT, or for longer than lock_timeout. */
    public static boolean isLockNotAvailable(Exception exception) {
        return "55P03".equals(state(exception));
    }

    /** Whether the server broke a circle of waiting sessions at this one. */
    public static boolean isDeadlock(Exception exception) {
        return "40P01".equals(state(exception));
    }

    /** Whether the server ran into an inside that does not fit, such as the definition of a view that was just dropped. */
    public static boolean isInternal(Exception exception) {
        return "XX000".equals(state(exception));
    }

    /**
     * Whether a setting or an option does not take the value that a statement gives it, or not any more, as
     * default_with_oids from 12 on.
     */
    public static boolean isInvalidParameter(Exception exception) {
        return "22023".equals(state(exception)) || "0A000".equals(state(exception));
    }

    /** Whether a table that a statement names is not there, or its schema. */
    public static boolean isUnknownTable(Exception exception) {
        return "42P01".equals(state(exception)) || "3F000".equals(state(exception));
    }

    /** Whether a table, a schema or a column that a statement names is not there. */
    public static boolean isUnknownName(Exception exception) {
        return isUnknownTable(exception) || "42703".equals(state(exception));
    }

    /** Whether bytes are no text of an encoding, or have no counterpart in another one. */
    public static boolean isNoText(Exception exception) {
        return "22021".equals(state(exception)) || "22P05".equals(state(exception));
    }
}
