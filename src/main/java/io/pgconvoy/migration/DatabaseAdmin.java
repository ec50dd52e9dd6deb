package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
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

/** One session on the target in which databases are looked up, renamed and dropped. For one thread at a time. */
final class DatabaseAdmin implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Server target;
    private final Connection connection;

    private DatabaseAdmin(Server target, Connection connection) {
        this.target = target;
        this.connection = connection;
    }

    static DatabaseAdmin open(Server target) {
        return new DatabaseAdmin(target, target.open());
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

    void rename(DatabaseName from, DatabaseName to) {
        execute("ALTER DATABASE " + Sql.identifier(from.value()) + " RENAME TO " + Sql.identifier(to.value()));
    }

    /** Drops a database by OID, if it is there; its sessions are ended. */
    void drop(long oid) {
        Optional<DatabaseName> name = name(oid);
        if (name.isEmpty()) {
            return;
        }
        String quoted = Sql.identifier(name.get().value());
        dropSubscriptions(name.get());
        execute("ALTER DATABASE " + quoted + " WITH IS_TEMPLATE false");
        if (target.version().isAtLeast(ServerVersion.V13)) {
            execute("DROP DATABASE " + quoted + " WITH (FORCE)");
            return;
        }
        execute("ALTER DATABASE " + quoted + " WITH ALLOW_CONNECTIONS false");
        query(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ?",
                name.get().value(),
                row -> row.getLong(1));
        execute("DROP DATABASE " + quoted);
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
            letIn(name, false);
            try {
                endOtherSessions(name, inside);
                reasons = look.apply(inside);
                if (reasons.isEmpty()) {
                    dropSubscriptions(inside);
                }
            } finally {
                if (!reasons.isEmpty()) {
                    letIn(name, true);
                }
            }
        } catch (SQLException failure) {
            throw target.failure(name, "looking for what keeps it from being dropped", failure);
        }
        if (reasons.isEmpty()) {
            drop(oid);
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

    /** Opens or closes a database for new sessions, superusers' too. */
    void letIn(DatabaseName name, boolean allowed) {
        execute("ALTER DATABASE " + Sql.identifier(name.value()) + " WITH ALLOW_CONNECTIONS " + allowed);
    }

    private void endOtherSessions(DatabaseName name, Connection ours) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
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
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException wish) {
            Thread.currentThread().interrupt();
            throw Cancellation.interrupted();
        }
    }

    /**
     * Has everything committed so far survive a crash of the server, before a marker tells of it: while the target is
     * tuned its commits are asynchronous, and one synchronous commit takes all earlier ones along. (9.5 has no function
     * for that; there a CREATE DATABASE would be the nearest, and that is too much.)
     *
     * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">Asynchronous Commit</a>
     */
    void flush() {
        if (target.version().isAtLeast(ServerVersion.V9_6)) {
            execute("""
                    SET synchronous_commit = on;
                    SELECT pg_logical_emit_message(true, 'pgconvoy', 'marker')
                    """);
        }
    }

    /** A database that holds a subscription cannot be dropped; the slot on its publisher is not ours to drop. */
    private void dropSubscriptions(DatabaseName name) {
        if (!target.version().isAtLeast(ServerVersion.V10)) {
            return;
        }
        Optional<Long> any = query("""
                SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                 WHERE d.datname = ? HAVING count(*) > 0
                """, name.value(), row -> row.getLong(1));
        if (any.isEmpty()) {
            return;
        }
        if (isClosed(name)) {
            letIn(name, true);
        }
        try (Connection inside = target.open(name)) {
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
