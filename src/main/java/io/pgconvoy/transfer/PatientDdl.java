package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Changes definitions in a database that clients work in, each time in a transaction of its own, with {@link
 * LockPatience}. No triggers of the user's fire, neither tables' nor event triggers (but those that are enabled always,
 * before version 17).
 */
final class PatientDdl {
    private final Server server;
    private final Cancellation cancellation;
    private final LockPatience patience;

    PatientDdl(Server server, Cancellation cancellation) {
        this(server, cancellation, LockPatience.DEFAULT);
    }

    /** With another time to go on trying. */
    PatientDdl(Server server, Cancellation cancellation, Duration patience) {
        this.server = server;
        this.cancellation = cancellation;
        this.patience = new LockPatience(patience, cancellation);
    }

    /** What is done in one transaction; it may be repeated. */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection, Statement statement) throws SQLException;
    }

    Server server() {
        return server;
    }

    /**
     * Runs the work in a transaction, again and again until it gets its locks, and commits.
     *
     * @param what it does and to what, for messages: "dropping index a.b"
     * @throws PgconvoyException of kind TARGET when it fails, also where it gets no lock for minutes
     */
    <T> T run(DatabaseName database, String what, Work<T> work) {
        try (Connection connection = server.open(database)) {
            return patience.insist(() -> once(connection, work));
        } catch (SQLException failure) {
            cancellation.check();
            if (LockPatience.isInTheWay(failure)) {
                throw inTheWay(database, what, failure);
            }
            throw failure(server, database, what, failure);
        }
    }

    private <T> T once(Connection connection, Work<T> work) throws SQLException {
        try (var registration = cancellation.breaksOff(connection)) {
            return Transaction.committed(connection, statement -> {
                statement.execute("SET LOCAL lock_timeout = " + LockPatience.LOCK_TIMEOUT.toMillis());
                silence(statement, server.version());
                return work.run(connection, statement);
            });
        }
    }

    /** Has no trigger fire in this transaction but those that are enabled always or for a replica. */
    static void silence(Statement statement, ServerVersion version) throws SQLException {
        statement.execute("SET LOCAL session_replication_role = replica");
        if (version.isAtLeast(ServerVersion.V17)) {
            // Only a superuser may; the other setting may have been granted to somebody else.
            statement.execute("""
                    SELECT pg_catalog.set_config('event_triggers', 'off', true)
                     WHERE pg_catalog.current_setting('is_superuser') = 'on'
                    """);
        }
    }

    /** A failed statement, with what to do where the user lacks a privilege. */
    static PgconvoyException failure(Server server, DatabaseName database, String what, SQLException cause) {
        PgconvoyException failure = server.failure(database, what, cause);
        return SqlState.isPrivilege(cause)
                ? new PgconvoyException(failure.kind(), failure.getMessage(), privilegeHint(), cause)
                : failure;
    }

    static String privilegeHint() {
        return "Deferred tables need a superuser on the target, who may set session_replication_role.";
    }

    private PgconvoyException inTheWay(DatabaseName database, String what, SQLException cause) {
        return new PgconvoyException(
                ErrorKind.of(server.side()),
                server.label() + ", database \"" + database + "\": " + what + " found no moment within "
                        + patience.patience().toSeconds() + " s in which no other transaction used the table",
                "Look for long transactions in pg_stat_activity, end them, then run the same command again.",
                cause);
    }
}
