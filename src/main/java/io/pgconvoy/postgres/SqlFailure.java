package io.pgconvoy.postgres;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Failure;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A statement that failed, with the server, the database and what was being done, so that it may go up to the user as it
 * is. {@link SqlState} says what its state means.
 */
public final class SqlFailure extends PgconvoyException implements Failure.Details {
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

    @Override
    public Optional<String> sqlState() {
        return Optional.ofNullable(state()).filter(known -> !known.isEmpty());
    }

    /** As {@code constraint t_pkey of table public.t}. */
    @Override
    public Optional<String> object() {
        return said().flatMap(SqlFailure::object);
    }

    private static Optional<String> object(ServerErrorMessage said) {
        String schema = said.getSchema() == null ? "" : said.getSchema() + ".";
        if (said.getTable() != null) {
            String table = "table " + schema + said.getTable();
            return Optional.of(
                    said.getConstraint() != null
                            ? "constraint " + said.getConstraint() + " of " + table
                            : said.getColumn() != null ? "column " + said.getColumn() + " of " + table : table);
        }
        return Optional.ofNullable(said.getDatatype()).map(type -> "type " + schema + type);
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

    /** What the server said, with all of its detail. */
    public String inFull() {
        if (said().isEmpty()) {
            return reason();
        }
        ServerErrorMessage told = said().get();
        return told.getMessage() + (told.getDetail() == null ? "" : " " + told.getDetail());
    }

    public SQLException sql() {
        return sql;
    }

    /** The same failure in other words. */
    public SqlFailure with(String message, String hint) {
        return new SqlFailure(kind(), message, hint, sql);
    }

    /** All that the server said; empty where the failure was none of the server's. */
    public Optional<ServerErrorMessage> said() {
        return sql instanceof PSQLException told ? Optional.ofNullable(told.getServerErrorMessage()) : Optional.empty();
    }
}
