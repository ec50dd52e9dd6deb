package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session on the target in which databases are looked up, renamed and dropped. For one thread at a time.
 *
 * <p>Statements name a database, while what may be changed or dropped is the one with a certain OID: between a look and a
 * statement somebody else may drop or rename it and give its name to another. So each change is made in a transaction
 * that looks at the OID afterwards and is rolled back where it is another one. DROP DATABASE runs in no transaction, so
 * what is dropped first gets a name that nobody else uses.
 */
final class DatabaseAdmin implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DatabaseAdmin.class);
    private static final int ATTEMPTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Server target;
    private final String ownPrefix;
    private final Connection connection;

    private DatabaseAdmin(Server target, String ownPrefix, Connection connection) {
        this.target = target;
        this.ownPrefix = ownPrefix;
        this.connection = connection;
    }

    /**
     * Connects.
     *
     * @param ownPrefix what the names of databases begin with that nobody but the caller makes
     */
    static DatabaseAdmin open(Server target, String ownPrefix) {
        return new DatabaseAdmin(target, ownPrefix, target.open());
    }

    /** A database's OID, if there is one of this name. */
    Optional<Long> oid(DatabaseName name) {
        return query("SELECT oid FROM pg_database WHERE datname = ?", name.value(), row -> row.getLong(1));
    }

    /** What the database with this OID is called by now. */
    Optional<DatabaseName> name(long oid) {
        return query(
                "SELECT datname FROM pg_database WHERE oid = ?::oid",
                String.valueOf(oid),
                row -> new DatabaseName(row.getString(1)));
    }

    /** Gives the database with this OID another name; fails where that name is taken. */
    void rename(long oid, DatabaseName from, DatabaseName to) {
        change(oid, to, "ALTER DATABASE " + Sql.identifier(from.value()) + " RENAME TO " + Sql.identifier(to.value()));
    }

    /**
     * Drops the database with this OID, if it is there and still has this name; its sessions are ended. One that somebody
     * renamed is in use under its new name, and no longer to be dropped.
     */
    void drop(long oid, DatabaseName name) {
        if (!name(oid).equals(Optional.of(name))) {
            return;
        }
        boolean closed = isClosed(name);
        dropSubscriptions(oid, name);
        if (name.value().startsWith(ownPrefix)) {
            dropAs(oid, name);
            return;
        }
        DatabaseName doomed = new DatabaseName(ownPrefix + "drop_" + oid);
        renameInUse(oid, name, doomed);
        try {
            dropAs(oid, doomed);
        } catch (PgconvoyException refused) {
            try {
                if (!closed && isClosed(doomed)) {
                    letIn(oid, doomed, true);
                }
                rename(oid, doomed, name);
            } catch (PgconvoyException unreachable) {
                // The next run drops it under this name.
                refused.addSuppressed(unreachable);
            }
            throw refused;
        }
    }

    private void dropAs(long oid, DatabaseName name) {
        String quoted = Sql.identifier(name.value());
        change(oid, name, "ALTER DATABASE " + quoted + " WITH IS_TEMPLATE false");
        if (target.version().isAtLeast(ServerVersion.V13)) {
            execute("DROP DATABASE " + quoted + " WITH (FORCE)");
            return;
        }
        letIn(oid, name, false);
        endSessions(oid);
        execute("DROP DATABASE " + quoted);
    }

    /** Renames a database to which others are connected, or connect again and again. */
    private void renameInUse(long oid, DatabaseName from, DatabaseName to) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            endSessions(oid);
            try {
                // It keeps new sessions out and waits some seconds for those that are about to end.
                rename(oid, from, to);
                return;
            } catch (PgconvoyException failure) {
                if (!isInUse(failure) || System.nanoTime() > deadline) {
                    throw failure;
                }
            }
            pause();
        }
    }

    private static boolean isInUse(PgconvoyException failure) {
        return failure.getCause() instanceof SQLException cause && SqlState.isInUse(cause);
    }

    private void endSessions(long oid) {
        // What vacuums goes by itself, and only a superuser may end it.
        String vacuums = target.version().isAtLeast(ServerVersion.V10)
                ? "backend_type = 'autovacuum worker'"
                : "query LIKE 'autovacuum:%'";
        query(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datid = ?::oid"
                        + " AND pid <> pg_backend_pid() AND (" + vacuums + ") IS NOT TRUE",
                String.valueOf(oid),
                row -> row.getLong(1));
    }

    /** Whether a session of pgconvoy that is not this run's is in the database. */
    boolean isUsedByOtherRun(long oid) {
        return query(
                        "SELECT 1 FROM pg_stat_activity WHERE datid = ?::oid AND application_name LIKE 'pgconvoy%'"
                                + " AND application_name <> " + Sql.literal(target.applicationName()) + " LIMIT 1",
                        String.valueOf(oid),
                        row -> row.getInt(1))
                .isPresent();
    }

    /**
     * Changes a database by its name, and takes that back where it is not the one with this OID.
     *
     * @param after its name after the change
     * @throws PgconvoyException also where it was another one, which is as it was before
     */
    private void change(long oid, DatabaseName after, String sql) {
        for (int attempt = 1; ; attempt++) {
            boolean committed = false;
            execute("BEGIN");
            try {
                execute(sql);
                if (!oid(after).equals(Optional.of(oid))) {
                    throw replaced(after);
                }
                execute("COMMIT");
                committed = true;
                return;
            } catch (PgconvoyException failure) {
                // An ALTER DATABASE or a GRANT of somebody else at the same time makes ours fail rather than wait.
                if (attempt == ATTEMPTS
                        || !(failure.getCause() instanceof SQLException cause)
                        || !SqlState.isConcurrentUpdate(cause)) {
                    throw failure;
                }
            } finally {
                if (!committed) {
                    rollback();
                }
            }
            pause();
        }
    }

    /** A failure of its own would hide the one that it follows, and a lost session has rolled back by itself. */
    private void rollback() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException lost) {
            log.debug("rolling back on {}", target.label(), lost);
        }
    }

    private PgconvoyException replaced(DatabaseName name) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                target.label() + ": somebody gave the name of database \"" + name
                        + "\" to another one meanwhile, which is left alone",
                "Find out who is at work on the target, then run the same command again.");
    }

    /** Makes sure that a session, which was opened by a name, is in the database with this OID. */
    void requireIn(Connection inside, long oid, DatabaseName name) throws SQLException {
        try (Statement statement = inside.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()")) {
            row.next();
            if (row.getLong(1) != oid) {
                throw replaced(name);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
    }

    /**
     * Looks into a database and drops it, unless the look finds a reason not to. From before the look on nobody else gets
     * in, so that what it has not found cannot come later.
     *
     * @param look the reasons to keep it
     * @return these reasons; empty where it was dropped
     */
    List<String> dropUnless(long oid, Function<Connection, List<String>> look) {
        DatabaseName name = name(oid).orElseThrow();
        List<String> reasons = List.of("the look was broken off");
        try (Connection inside = target.open(name)) {
            requireIn(inside, oid, name);
            letIn(oid, name, false);
            try {
                endOtherSessions(name, inside);
                reasons = look.apply(inside);
                if (reasons.isEmpty()) {
                    dropSubscriptions(inside);
                }
            } finally {
                if (!reasons.isEmpty()) {
                    letIn(oid, name, true);
                }
            }
        } catch (SQLException failure) {
            throw target.failure(name, "looking for what keeps it from being dropped", failure);
        }
        if (reasons.isEmpty()) {
            drop(oid, name);
        }
        return reasons;
    }

    /** Whether a database is there and refuses connections. */
    boolean isClosed(DatabaseName name) {
        return query(
                        "SELECT 1 FROM pg_database WHERE datname = ? AND NOT datallowconn",
                        name.value(),
                        row -> row.getInt(1))
                .isPresent();
    }

    /** Opens or closes the database with this OID for new sessions, superusers' too. */
    void letIn(long oid, DatabaseName name, boolean allowed) {
        change(oid, name, "ALTER DATABASE " + Sql.identifier(name.value()) + " WITH ALLOW_CONNECTIONS " + allowed);
    }

    private void endOtherSessions(DatabaseName name, Connection ours) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        // In the very session that looks, so that this is certain to be the right database.
        String sql = """
                SELECT count(*), count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                """;
        try (Statement statement = ours.createStatement()) {
            while (true) {
                try (ResultSet row = statement.executeQuery(sql)) {
                    row.next();
                    if (row.getLong(1) == 0) {
                        return;
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new PgconvoyException(
                            ErrorKind.TARGET,
                            target.label() + ", database \"" + name + "\": its sessions do not end",
                            "Look for them in pg_stat_activity, then run the same command again.");
                }
                pause();
            }
        }
    }

    /**
     * Has everything committed so far survive a crash of the server, before a marker tells of it: while the target is
     * tuned its commits are asynchronous, and one synchronous commit takes all earlier ones along. 9.5 has no function
     * for that; there a temporary table's catalog entries are what is committed.
     *
     * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">Asynchronous Commit</a>
     */
    void flush() {
        if (target.version().isAtLeast(ServerVersion.V9_6)) {
            execute("""
                    SET synchronous_commit = on;
                    SELECT pg_logical_emit_message(true, 'pgconvoy', 'marker')
                    """);
        } else {
            execute("""
                    SET synchronous_commit = on;
                    CREATE TEMPORARY TABLE pgconvoy_marker ();
                    DROP TABLE pgconvoy_marker
                    """);
        }
    }

    /** A database that holds a subscription cannot be dropped; the slot on its publisher is not ours to drop. */
    private void dropSubscriptions(long oid, DatabaseName name) {
        if (!target.version().isAtLeast(ServerVersion.V10)) {
            return;
        }
        Optional<Long> any = query("""
                SELECT count(*) FROM pg_subscription WHERE subdbid = ?::oid HAVING count(*) > 0
                """, String.valueOf(oid), row -> row.getLong(1));
        if (any.isEmpty()) {
            return;
        }
        if (isClosed(name)) {
            letIn(oid, name, true);
        }
        try (Connection inside = target.open(name)) {
            requireIn(inside, oid, name);
            dropSubscriptions(inside);
        } catch (SQLException failure) {
            throw target.failure(name, "dropping its subscriptions", failure);
        }
    }

    private void dropSubscriptions(Connection inside) throws SQLException {
        if (!target.version().isAtLeast(ServerVersion.V10)) {
            return;
        }
        try (Statement statement = inside.createStatement()) {
            List<String> subscriptions = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("""
                    SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                     WHERE d.datname = current_database()
                    """)) {
                while (rows.next()) {
                    subscriptions.add(Sql.identifier(rows.getString(1)));
                }
            }
            for (String subscription : subscriptions) {
                statement.execute("ALTER SUBSCRIPTION " + subscription + " DISABLE");
                statement.execute("ALTER SUBSCRIPTION " + subscription + " SET (slot_name = NONE)");
                statement.execute("DROP SUBSCRIPTION " + subscription);
            }
        }
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), sql, failure);
        }
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> Optional<T> query(String sql, String parameter, Reader<T> reader) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
            }
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "looking for a database", failure);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException gone) {
            // Whatever was done in it has been confirmed.
        }
    }
}
