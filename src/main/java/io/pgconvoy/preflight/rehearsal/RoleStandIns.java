package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.RestoreError;
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

    /** @param roles that are still to come */
    RoleStandIns(Server target, Collection<String> roles, RehearsalFindings judge) {
        this.target = target;
        this.roles = roles.stream().sorted().toList();
        this.judge = judge;
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
        try (Session session = target.session(scratch, "rehearsing what is about roles to come")) {
            return session.rolledBack(here -> {
                here.execute("SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '30s'");
                // A migration makes event triggers last; some fire also in a session of replication.
                attempt(here, "SET LOCAL session_replication_role = replica");
                attempt(here, WITHOUT_EVENT_TRIGGERS);
                for (String role : roles) {
                    attempt(here, "CREATE ROLE " + Sql.identifier(RawEncoding.here(here, role)) + " NOLOGIN")
                            .ifPresent(refused -> log.debug("no stand-in for role {}: {}", role, refused.reason()));
                }
                here.execute("SET LOCAL search_path = ''");
                List<RestoreError> left = new ArrayList<>();
                for (RestoreError error : errors) {
                    if (!waiting.contains(error.entry())
                            || error.command().isEmpty()
                            || error.command().length() >= TOLD_IN_FULL) {
                        left.add(error);
                    } else {
                        attempt(here, RawEncoding.here(here, error.command()))
                                .ifPresent(still -> left.add(again(error, still)));
                    }
                }
                return left;
            });
        }
    }

    /** As pg_restore would have told it; a lack of privilege is ours alone and tells nothing. */
    private static RestoreError again(RestoreError error, SqlFailure still) {
        return SqlState.isPrivilege(still)
                ? error
                : new RestoreError(
                        error.entry(),
                        "could not execute query: ERROR:  " + still.reason().replaceFirst("^[A-Z]+: ", ""),
                        error.command());
    }

    /**
     * Executes one, as if it had not been where it fails.
     *
     * @throws PgconvoyException when cancelled
     */
    private Optional<SqlFailure> attempt(Session session, String sql) {
        try {
            session.kept(here -> here.execute(sql));
            return Optional.empty();
        } catch (SqlFailure failure) {
            return Optional.of(failure);
        }
    }
}
