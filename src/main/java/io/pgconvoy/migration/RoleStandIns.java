package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.ArchiveToc;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.RestoreError;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.TocEntry;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.preflight.rehearsal.RehearsalFindings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what statements come to once the roles are there that a migration makes first: a GRANT to such a role on a function
 * that is gone fails for the role alone. They are tried again in a transaction that makes those roles and is rolled back, so
 * that the target's roles stay as they are. For any number of threads.
 */
final class RoleStandIns {
    private static final Logger log = LoggerFactory.getLogger(RoleStandIns.class);

    /** A longer command may not have been told to its end. */
    private static final int TOLD_IN_FULL = 2000;

    private static final String WITHOUT_EVENT_TRIGGERS = """
            DO $$
            DECLARE
                one name;
            BEGIN
                FOR one IN SELECT evtname FROM pg_catalog.pg_event_trigger LOOP
                    EXECUTE pg_catalog.format('DROP EVENT TRIGGER %I', one);
                END LOOP;
            END $$
            """;

    private final Server target;
    private final List<String> roles;
    private final RehearsalFindings judge;
    private final Cancellation cancellation;

    /** @param roles that are still to come */
    RoleStandIns(Server target, Collection<String> roles, RehearsalFindings judge, Cancellation cancellation) {
        this.target = target;
        this.roles = roles.stream().sorted().toList();
        this.judge = judge;
        this.cancellation = cancellation;
    }

    /**
     * Tries those again that failed for a role, and what needs them.
     *
     * @param scratch where they failed
     * @return what is left: without those that succeed, and with the errors that the roles' absence hid; as it was where the
     *     target's user may not make roles
     */
    List<RestoreError> retry(DatabaseName scratch, ArchiveToc toc, List<RestoreError> errors) {
        Set<String> waiting = new HashSet<>();
        errors.stream().filter(judge::lacksRoleToCome).map(RestoreError::entry).forEach(waiting::add);
        if (waiting.isEmpty()) {
            return errors;
        }
        toc
                .dependents(toc.entries().stream()
                        .filter(entry -> waiting.contains(entry.label()))
                        .toList())
                .stream()
                .map(TocEntry::label)
                .forEach(waiting::add);
        return retryThese(scratch, waiting, errors);
    }

    /** One at a time: who makes a role waits for another transaction that makes it. */
    private synchronized List<RestoreError> retryThese(
            DatabaseName scratch, Set<String> waiting, List<RestoreError> errors) {
        try (Connection connection = target.open(scratch);
                var registration = cancellation.onCancel(() -> Cancellation.breakOff(connection));
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            connection.setAutoCommit(false);
            statement.execute("SET LOCAL lock_timeout = '10s'");
            statement.execute("SET LOCAL statement_timeout = '30s'");
            // A migration makes event triggers last; some fire also in a session of replication.
            attempt(connection, statement, "SET LOCAL session_replication_role = replica");
            attempt(connection, statement, WITHOUT_EVENT_TRIGGERS);
            for (String role : roles) {
                Optional<SQLException> refused = attempt(
                        connection,
                        statement,
                        "CREATE ROLE " + Sql.identifier(RawEncoding.here(statement, role)) + " NOLOGIN");
                if (refused.isPresent()) {
                    log.debug("no stand-in for role {}: {}", role, refused.get().getMessage());
                }
            }
            statement.execute("SET LOCAL search_path = ''");
            List<RestoreError> left = new ArrayList<>();
            for (RestoreError error : errors) {
                if (!waiting.contains(error.entry())
                        || error.command().isEmpty()
                        || error.command().length() >= TOLD_IN_FULL) {
                    left.add(error);
                } else {
                    attempt(connection, statement, RawEncoding.here(statement, error.command()))
                            .ifPresent(still -> left.add(again(error, still)));
                }
            }
            connection.rollback();
            return left;
        } catch (SQLException failure) {
            cancellation.check();
            throw target.failure(scratch, "rehearsing what is about roles to come", failure);
        }
    }

    /** As pg_restore would have told it; a lack of privilege is ours alone and tells nothing. */
    private static RestoreError again(RestoreError error, SQLException still) {
        String message = String.valueOf(still.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^[A-Z]+: ", "");
        return "42501".equals(still.getSQLState())
                ? error
                : new RestoreError(error.entry(), "could not execute query: ERROR:  " + message, error.command());
    }

    /**
     * Executes one, as if it had not been where it fails.
     *
     * @throws PgconvoyException when cancelled
     */
    private Optional<SQLException> attempt(Connection connection, Statement statement, String sql) throws SQLException {
        cancellation.check();
        Savepoint before = connection.setSavepoint();
        try {
            statement.execute(sql);
            connection.releaseSavepoint(before);
            return Optional.empty();
        } catch (SQLException failure) {
            connection.rollback(before);
            return Optional.of(failure);
        }
    }
}
