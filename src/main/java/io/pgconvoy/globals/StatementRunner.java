package io.pgconvoy.globals;

import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

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

    private final Session session;
    private final boolean superuser;
    private final boolean shared;
    private boolean silent;

    /** Of statements about what is in the session's database. */
    StatementRunner(Session session, boolean superuser) {
        this(session, superuser, false);
    }

    private StatementRunner(Session session, boolean superuser, boolean shared) {
        this.session = session;
        this.superuser = superuser;
        this.shared = shared;
    }

    /** Of statements about what all databases share, whose texts may be bytes of any encoding. */
    static StatementRunner ofShared(Session session, boolean superuser) {
        return new StatementRunner(session, superuser, true);
    }

    /**
     * Has the server keep this session's statements to itself, as far as the user may ask for that.
     *
     * @return whether successful statements stay out of its log
     */
    boolean silence() {
        silent = true;
        silence(session);
        return session.flag("""
                SELECT pg_catalog.current_setting('log_statement') = 'none'
                       AND pg_catalog.current_setting('log_min_duration_statement') = '-1'
                """);
    }

    private static void silence(Session session) {
        for (String setting : SILENCE) {
            // An older server lacks some of these, and not every user may set them.
            attempt(() -> session.execute(setting));
        }
    }

    /**
     * Does what the server may refuse.
     *
     * @return its refusal
     * @throws SqlFailure where the session is lost, so that going on is pointless
     */
    static Optional<SqlFailure> attempt(Runnable work) {
        try {
            work.run();
            return Optional.empty();
        } catch (SqlFailure refused) {
            if (SqlState.isBrokenOff(refused)) {
                throw refused;
            }
            return Optional.of(refused);
        }
    }

    /** Runs the plan to its end. */
    GlobalsResult run(StatementPlan plan) {
        GlobalsResult.Builder result = new GlobalsResult.Builder();
        plan.warnings().forEach(result::warning);
        try (Bytes bytes = new Bytes()) {
            for (SqlStatement statement : plan.statements()) {
                attempt(() -> execute(statement, bytes))
                        .ifPresentOrElse(
                                refused -> report(statement, refused, result),
                                () -> result.change(statement.description()));
            }
        }
        return result.build();
    }

    /** The session for bytes of any encoding, opened with the first statement that needs it. */
    private final class Bytes implements AutoCloseable {
        private ByteSession opened;

        Session session() {
            if (opened == null) {
                opened = ByteSession.open(session.server());
                if (silent) {
                    silence(opened.session());
                }
            }
            return opened.session();
        }

        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }

    private void report(SqlStatement statement, SqlFailure refused, GlobalsResult.Builder result) {
        String sentence = "could not " + statement.description() + ": " + reason(statement, refused)
                + (statement.hint().isEmpty() ? "" : " (" + statement.hint() + ")");
        // Who made a role is a member of it from 16 on, so that its own membership in that role would be a circle.
        boolean forLackOfPrivilege =
                !superuser && (SqlState.isPrivilege(refused) || INVALID_GRANT.equals(refused.state()));
        if (forLackOfPrivilege || statement.mayFail()) {
            result.warning(sentence);
        } else {
            result.failure(sentence);
        }
    }

    private void execute(SqlStatement statement, Bytes bytes) {
        boolean raw = RawText.isRaw(statement.sql())
                || statement.asRole().filter(RawText::isRaw).isPresent();
        if (shared && raw) {
            execute(statement, bytes.session(), Session::executeRaw);
        } else {
            execute(statement, session, Session::execute);
        }
    }

    private static void execute(SqlStatement statement, Session session, BiConsumer<Session, String> execution) {
        if (statement.asRole().isEmpty()) {
            // Not in a transaction block: CREATE DATABASE and CREATE TABLESPACE refuse to run in one.
            execution.accept(session, statement.sql());
            return;
        }
        session.committed(transaction -> {
            execution.accept(
                    transaction,
                    "SET LOCAL ROLE " + Sql.identifier(statement.asRole().get()));
            execution.accept(transaction, statement.sql());
            return null;
        });
    }

    private String reason(SqlStatement statement, SqlFailure refused) {
        if (statement.isSecret()) {
            return session.server().label() + " refused it with SQLSTATE " + refused.state();
        }
        return refused.inFull();
    }
}
