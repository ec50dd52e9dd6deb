package io.pgconvoy.postgres;

import java.sql.SQLException;
import java.util.Set;

/**
 * What an SQLSTATE says about trying again.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
 */
public final class SqlState {
    private static final Set<String> TRANSIENT = Set.of("57P01", "57P02", "57P03", "53300");

    private SqlState() {}

    /** Whether the same statement may succeed a little later: lost connection, restart, serialization, no slot free. */
    public static boolean isTransient(SQLException exception) {
        String state = exception.getSQLState();
        if (state == null) {
            return false;
        }
        // 08004 is the server's refusal of the login itself, which another try will not change.
        return TRANSIENT.contains(state)
                || state.startsWith("40")
                || isLostWorker(exception)
                || (state.startsWith("08") && !"08004".equals(state));
    }

    /** Whether a process that worked for the session was ended, for which the server has no state of its own. */
    private static boolean isLostWorker(SQLException exception) {
        return Set.of("55000", "XX000").contains(exception.getSQLState())
                && String.valueOf(exception.getMessage()).contains("parallel worker");
    }

    /** Whether the statement was broken off, by us or by anybody: that is no answer to it, neither yes nor no. */
    public static boolean isBrokenOff(SQLException exception) {
        return isTransient(exception) || "57014".equals(exception.getSQLState());
    }

    /** Whether a password is wrong, or is asked for and absent (the driver reports the latter as 08004). */
    public static boolean isAuthentication(SQLException exception) {
        String state = exception.getSQLState();
        return state != null && (state.startsWith("28") || "08004".equals(state));
    }

    public static boolean isUnknownDatabase(SQLException exception) {
        return "3D000".equals(exception.getSQLState());
    }

    public static boolean isPrivilege(SQLException exception) {
        return "42501".equals(exception.getSQLState());
    }

    /** Whether a setting is not there (undefined_object). */
    static boolean isUnknownSetting(SQLException exception) {
        return "42704".equals(exception.getSQLState());
    }

    /** Whether the transaction may not write, as on a standby. */
    public static boolean isReadOnly(SQLException exception) {
        return "25006".equals(exception.getSQLState());
    }

    /** Whether somebody else is using what is to be changed: a database with sessions in it, say. */
    public static boolean isInUse(SQLException exception) {
        return "55006".equals(exception.getSQLState());
    }

    /** Whether a database or an object of this name is there already. */
    public static boolean isDuplicate(SQLException exception) {
        return "42P04".equals(exception.getSQLState()) || "42710".equals(exception.getSQLState());
    }

    /** Whether somebody changed the same row of a catalog at the same time, which the server reports as an internal error. */
    public static boolean isConcurrentUpdate(SQLException exception) {
        return "XX000".equals(exception.getSQLState())
                && String.valueOf(exception.getMessage()).contains("concurrently");
    }

    /** Whether somebody else's lock was in the way: at once with NOWAIT, or for longer than lock_timeout. */
    public static boolean isLockNotAvailable(SQLException exception) {
        return "55P03".equals(exception.getSQLState());
    }

    /** Whether the server broke a circle of waiting sessions at this one. */
    static boolean isDeadlock(SQLException exception) {
        return "40P01".equals(exception.getSQLState());
    }

    /** Whether the server ran into an inside that does not fit, such as the definition of a view that was just dropped. */
    static boolean isInternal(SQLException exception) {
        return "XX000".equals(exception.getSQLState());
    }

    /**
     * Whether a setting or an option does not take the value that a statement gives it, or not any more, as
     * default_with_oids from 12 on.
     */
    public static boolean isInvalidParameter(SQLException exception) {
        return "22023".equals(exception.getSQLState()) || "0A000".equals(exception.getSQLState());
    }

    /** Whether a table that a statement names is not there, or its schema. */
    static boolean isUnknownTable(SQLException exception) {
        return "42P01".equals(exception.getSQLState()) || "3F000".equals(exception.getSQLState());
    }

    /** Whether a table, a schema or a column that a statement names is not there. */
    public static boolean isUnknownName(SQLException exception) {
        return isUnknownTable(exception) || "42703".equals(exception.getSQLState());
    }

    /** Whether bytes are no text of an encoding, or have no counterpart in another one. */
    public static boolean isNoText(SQLException exception) {
        return "22021".equals(exception.getSQLState()) || "22P05".equals(exception.getSQLState());
    }
}
