package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes and drops databases on the target, and never drops one that this migration did not make, unless told to.
 *
 * <p>A database is made under a name that holds the migration's identifier, its OID is marked, and only then it gets its
 * own name: killed at any moment, a later run knows it by that name or by that OID. Safe for use by many threads.
 */
final class TargetDatabases {
    /** Databases that every cluster has; they are filled, not replaced. */
    private static final Set<String> BUILT_IN = Set.of("postgres", "template1");

    private final Server target;
    private final DatabaseSetup setup;
    private final String migrationId;
    private final boolean dropExisting;

    TargetDatabases(Server target, DatabaseSetup setup, String migrationId, boolean dropExisting) {
        this.target = target;
        this.setup = setup;
        this.migrationId = migrationId;
        this.dropExisting = dropExisting;
    }

    /** What stands in the way of making a database. */
    enum Obstacle {
        NONE,
        /** One of that name is there, and not ours. */
        FOREIGN,
        /** A built-in database that holds a user's objects, or one that we are connected to. */
        UNTOUCHABLE
    }

    /** Looks whether a database can be made, or filled. */
    Obstacle obstacle(DatabaseName name, Optional<Markers.Created> created) {
        Optional<Long> oid = oid(name);
        if (oid.isEmpty() || created.map(Markers.Created::oid).equals(oid)) {
            return Obstacle.NONE;
        }
        if (BUILT_IN.contains(name.value())) {
            return holdsUserObjects(name) ? Obstacle.UNTOUCHABLE : Obstacle.NONE;
        }
        if (name.equals(target.endpoint().database())) {
            return Obstacle.UNTOUCHABLE;
        }
        return dropExisting ? Obstacle.NONE : Obstacle.FOREIGN;
    }

    /**
     * Provides an empty database: what an earlier, incomplete attempt of this migration made is dropped first.
     *
     * @return its marker, which is written already, and what the target could not take over
     */
    GlobalsResult provide(DatabaseProperties properties, DatabaseJournal journal, boolean publicSchema) {
        DatabaseName name = properties.name();
        Optional<Markers.Created> created = journal.read(Step.CREATED);
        if (obstacle(name, created) != Obstacle.NONE) {
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    target.label() + ": database \"" + name
                            + "\" is there already, and this migration did not create it",
                    "Move or drop it, leave it out with --exclude-db, or allow --drop-existing.");
        }
        journal.deleteAfterCreation();
        if (created.isPresent() && created.get().adopted()) {
            return GlobalsResult.NOTHING;
        }
        if (created.isPresent()) {
            // One that somebody renamed is in use under its new name, and no longer ours to drop.
            name(created.get().oid())
                    .filter(now -> now.equals(name) || isTemporary(now))
                    .ifPresent(ours -> drop(created.get().oid()));
            journal.delete(Step.CREATED);
        }
        if (BUILT_IN.contains(name.value())) {
            long oid = oid(name).orElseThrow(() -> gone(name));
            journal.write(Step.CREATED, new Markers.Created(name.value(), oid, true, Instant.now()));
            return GlobalsResult.NOTHING;
        }
        DatabaseName temporary = new DatabaseName(temporaryPrefix() + properties.oid());
        oid(temporary).ifPresent(this::drop);
        GlobalsResult result = setup.create(properties, temporary);
        if (!publicSchema) {
            dropPublicSchema(temporary);
        }
        long oid = oid(temporary).orElseThrow(() -> gone(temporary));
        oid(name).ifPresent(this::drop);
        journal.write(Step.CREATED, new Markers.Created(name.value(), oid, false, Instant.now()));
        execute("ALTER DATABASE " + Sql.identifier(temporary.value()) + " RENAME TO " + Sql.identifier(name.value()));
        return result;
    }

    /** Whether a database is restored and still the one that this migration made or filled. */
    boolean isRestored(DatabaseName name, DatabaseJournal journal) {
        Optional<Long> made = journal.read(Step.CREATED).map(Markers.Created::oid);
        return journal.read(Step.RESTORED).isPresent() && made.isPresent() && made.equals(oid(name));
    }

    /** Drops what a killed run left half made, whose source may be gone or left out since. */
    void dropTemporary() {
        List<Long> left = new ArrayList<>();
        try (Connection connection = target.open()) {
            DatabaseCatalog.list(connection, target.version()).stream()
                    .filter(database -> isTemporary(database.name()))
                    .forEach(database -> left.add(database.oid()));
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "listing databases", failure);
        }
        left.forEach(this::drop);
    }

    /** Whether this is the name that a database of this migration has while it is made. */
    boolean isTemporary(DatabaseName name) {
        return name.value().startsWith(temporaryPrefix());
    }

    private String temporaryPrefix() {
        return "pgconvoy_" + migrationId + "_";
    }

    /** A database's OID on the target. */
    Optional<Long> oid(DatabaseName name) {
        return query("SELECT oid FROM pg_database WHERE datname = ?", name.value(), row -> row.getLong(1));
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

    private Optional<DatabaseName> name(long oid) {
        return query(
                "SELECT datname FROM pg_database WHERE oid = ?::oid",
                String.valueOf(oid),
                row -> new DatabaseName(row.getString(1)));
    }

    /** Drops a database by OID; its sessions are ended. */
    private void drop(long oid) {
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
        try (Connection connection = target.open(name);
                Statement statement = connection.createStatement()) {
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
        } catch (SQLException failure) {
            throw target.failure(name, "dropping its subscriptions", failure);
        }
    }

    boolean holdsUserObjects(DatabaseName name) {
        try (Connection connection = target.open(name)) {
            return TableCatalog.holdsUserObjects(connection);
        } catch (SQLException failure) {
            throw target.failure(name, "looking for user objects", failure);
        }
    }

    private void dropPublicSchema(DatabaseName name) {
        try (Connection connection = target.open(name);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA public");
        } catch (SQLException failure) {
            throw target.failure(name, "dropping the schema public, which the source does not have,", failure);
        }
    }

    private void execute(String sql) {
        try (Connection connection = target.open();
                Statement statement = connection.createStatement()) {
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
        try (Connection connection = target.open();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
            }
        } catch (SQLException failure) {
            throw target.failure(target.endpoint().database(), "looking for a database", failure);
        }
    }

    private PgconvoyException gone(DatabaseName name) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                target.label() + ": database \"" + name + "\" vanished while it was made",
                "Is somebody else at work on the target? Run the same command again.");
    }
}
