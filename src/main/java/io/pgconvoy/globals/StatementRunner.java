package io.pgconvoy.globals;

import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Runs a plan on the target, each statement in a transaction of its own, so that what the server refuses stops nothing
 * else. A plan holds only differences: after a crash the next run's plan is the rest of this one.
 */
final class StatementRunner {
    /** What would write a password hash to the server's log, to its views or to its statistics. */
    private static final List<String> SILENCE = List.of(
            "SET log_statement = 'none'",
            "SET log_min_error_statement = 'panic'",
            "SET log_min_duration_statement = -1",
            "SET log_min_duration_sample = -1",
            "SET log_transaction_sample_rate = 0",
            "SET log_duration = off",
            "SET track_activities = off",
            "SET pg_stat_statements.track_utility = off",
            "SET pgaudit.log = 'none'");

    private static final String INVALID_GRANT = "0LP01";

    private final Server target;
    private final Connection connection;
    private final boolean superuser;
    private final boolean shared;
    private boolean silent;

    /** Of statements about what is in the connection's database. */
    StatementRunner(Server target, Connection connection, boolean superuser) {
        this(target, connection, superuser, false);
    }

    private StatementRunner(Server target, Connection connection, boolean superuser, boolean shared) {
        this.target = target;
        this.connection = connection;
        this.superuser = superuser;
        this.shared = shared;
    }

    /** Of statements about what all databases share, whose texts may be bytes of any encoding. */
    static StatementRunner ofShared(Server target, Connection connection, boolean superuser) {
        return new StatementRunner(target, connection, superuser, true);
    }

    /**
     * Has the server keep this session's statements to itself, as far as the user may ask for that.
     *
     * @return whether successful statements stay out of its log
     */
    boolean silence() throws SQLException {
        silent = true;
        silence(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT pg_catalog.current_setting('log_statement') = 'none'
                               AND pg_catalog.current_setting('log_min_duration_statement') = '-1'
                        """)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void silence(Connection session) throws SQLException {
        for (String setting : SILENCE) {
            // An older server lacks some of these, and not every user may set them.
            try {
                execute(session, setting);
            } catch (SQLException refused) {
                if (SqlState.isBrokenOff(refused)) {
                    throw refused;
                }
            }
        }
    }

    /**
     * Runs the plan to its end.
     *
     * @throws SQLException where the connection is lost, so that going on is pointless
     */
    GlobalsResult run(StatementPlan plan) throws SQLException {
        GlobalsResult.Builder result = new GlobalsResult.Builder();
        plan.warnings().forEach(result::warning);
        try (Bytes bytes = new Bytes()) {
            for (SqlStatement statement : plan.statements()) {
                try {
                    execute(statement, bytes);
                    result.change(statement.description());
                } catch (SQLException refused) {
                    if (SqlState.isBrokenOff(refused)) {
                        throw refused;
                    }
                    report(statement, refused, result);
                }
            }
        }
        return result.build();
    }

    /** The session for bytes of any encoding, opened with the first statement that needs it. */
    private final class Bytes implements AutoCloseable {
        private ByteSession session;

        ByteSession session() throws SQLException {
            if (session == null) {
                session = ByteSession.open(target);
                if (silent) {
                    silence(session.connection());
                }
            }
            return session;
        }

        @Override
        public void close() {
            if (session != null) {
                session.close();
            }
        }
    }

    private void report(SqlStatement statement, SQLException refused, GlobalsResult.Builder result) {
        String sentence = "could not " + statement.description() + ": " + reason(statement, refused)
                + (statement.hint().isEmpty() ? "" : " (" + statement.hint() + ")");
        // Who made a role is a member of it from 16 on, so that its own membership in that role would be a circle.
        boolean forLackOfPrivilege =
                !superuser && (SqlState.isPrivilege(refused) || INVALID_GRANT.equals(refused.getSQLState()));
        if (forLackOfPrivilege || statement.onFailure() == SqlStatement.OnFailure.WARNING) {
            result.warning(sentence);
        } else {
            result.failure(sentence);
        }
    }

    private void execute(SqlStatement statement, Bytes bytes) throws SQLException {
        boolean raw = RawText.isRaw(statement.sql())
                || statement.asRole().filter(RawText::isRaw).isPresent();
        if (shared && raw) {
            ByteSession session = bytes.session();
            execute(statement, session.connection(), session::execute);
        } else {
            execute(statement, connection, sql -> execute(connection, sql));
        }
    }

    @FunctionalInterface
    private interface Execution {
        void execute(String sql) throws SQLException;
    }

    private static void execute(SqlStatement statement, Connection session, Execution execution) throws SQLException {
        if (statement.asRole().isEmpty()) {
            // Not in a transaction block: CREATE DATABASE and CREATE TABLESPACE refuse to run in one.
            execution.execute(statement.sql());
            return;
        }
        Transaction.committed(session, ignored -> {
            execution.execute(
                    "SET LOCAL ROLE " + Sql.identifier(statement.asRole().get()));
            execution.execute(statement.sql());
            return null;
        });
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A brace in a comment is no JDBC escape.
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private String reason(SqlStatement statement, SQLException refused) {
        if (statement.isSecret()) {
            return target.label() + " refused it with SQLSTATE " + refused.getSQLState();
        }
        if (refused instanceof PSQLException fromServer && fromServer.getServerErrorMessage() != null) {
            ServerErrorMessage message = fromServer.getServerErrorMessage();
            String detail = message.getDetail();
            return message.getMessage() + (detail == null ? "" : " " + detail);
        }
        return refused.getMessage();
    }
}
