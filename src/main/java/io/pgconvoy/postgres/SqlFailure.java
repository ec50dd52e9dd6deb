package io.pgconvoy.postgres;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A statement that failed, with the server, the database and what was being done, so that it may go up to the user as it
 * is. {@link SqlState} says what its state means.
 */
public final class SqlFailure extends PgconvoyException {
    /** A key of several long columns, say. */
    private static final int LONGEST_DETAIL = 1000;

    private final transient SQLException sql;

    SqlFailure(ErrorKind kind, String message, String hint, SQLException cause) {
        super(kind, message, hint, cause);
        this.sql = cause;
    }

    /** The SQLSTATE, five characters; empty where the failure was none of the server's. */
    public String state() {
        return SqlState.state(sql);
    }

    /** What the server or the driver said, in one line. */
    public String reason() {
        return SqlState.reason(sql);
    }

    /** What the server said, with the detail, which names a violating value; without a detail that fills the screen. */
    public String words() {
        if (said().isEmpty()) {
            return reason();
        }
        ServerErrorMessage told = said().get();
        String detail = told.getDetail();
        if (detail == null) {
            return told.getMessage();
        }
        return told.getMessage() + " ("
                + (detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) + "..." : detail) + ")";
    }

    /** The same failure in other words. */
    SqlFailure with(String message, String hint) {
        return new SqlFailure(kind(), message, hint, sql);
    }

    /** All that the server said; empty where the failure was none of the server's. */
    public Optional<ServerErrorMessage> said() {
        return sql instanceof PSQLException told ? Optional.ofNullable(told.getServerErrorMessage()) : Optional.empty();
    }
}
