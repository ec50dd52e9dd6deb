package io.pgconvoy.globals;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One session on the target in which databases are looked up, renamed and dropped. For one thread at a time.
 *
 * <p>Statements name a database, while what may be changed or dropped is the one with a certain OID: between a look and a
 * statement somebody else may drop or rename it and give its name to another. So each change is made in a transaction
 * that looks at the OID afterwards and is rolled back where it is another one. DROP DATABASE runs in no transaction, so
 * what is dropped first gets a name that nobody else uses.
 */
public final class DatabaseAdmin implements AutoCloseable {
    private static final int ATTEMPTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Server target;
    private final String ownPrefix;
    private final Session session;

    private DatabaseAdmin(Server target, String ownPrefix, Session session) {
        this.target = target;
        this.ownPrefix = ownPrefix;
        this.session = session;
    }

    /**
     * Connects.
     *
     * @param ownPrefix what the names of databases begin with that nobody but the caller makes
     */
    public static DatabaseAdmin open(Server target, String ownPrefix) {
        return new DatabaseAdmin(target, ownPrefix, target.shared("looking for a database"));
    }

    /** Creates an empty database in this session, ready for the restore. */
    public GlobalsResult create(DatabaseSetup setup, DatabaseProperties properties, DatabaseName asName) {
        return setup.create(session, properties, asName);
    }

    /** A database's OID, if there is one of this name. */
    public Optional<Long> oid(DatabaseName name) {
        return session.first("SELECT oid FROM pg_database WHERE datname = ?", row -> row.getLong(1), name.value());
    }

    /** What the database with this OID is called by now. */
    public Optional<DatabaseName> name(long oid) {
        return session.text("SELECT datname FROM pg_database WHERE oid = ?", oid)
                .map(DatabaseName::new);
    }

    /** Gives the database with this OID another name; fails where that name is taken. */
    public void rename(long oid, DatabaseName from, DatabaseName to) {
        change(oid, to, "ALTER DATABASE " + Sql.identifier(from.value()) + " RENAME TO " + Sql.identifier(to.value()));
    }

    /**
     * Drops the database with this OID, if it is there and still has this name; its sessions are ended. One that somebody
     * renamed is in use under its new name, and no longer to be dropped.
     */
    public void drop(long oid, DatabaseName name) {
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
            } catch (SqlFailure failure) {
                if (!SqlState.isInUse(failure) || System.nanoTime() > deadline) {
                    throw failure;
                }
            }
            Cancellation.pause(PAUSE);
        }
    }

    private void endSessions(long oid) {
        // What vacuums goes by itself, and only a superuser may end it.
        String vacuums = target.version().isAtLeast(ServerVersion.V10)
                ? "backend_type = 'autovacuum worker'"
                : "query LIKE 'autovacuum:%'";
        session.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datid = ?"
                        + " AND pid <> pg_backend_pid() AND (" + vacuums + ") IS NOT TRUE",
                oid);
    }

    /** Whether a session of pgconvoy that is not this run's is in the database. */
    public boolean isUsedByOtherRun(long oid) {
        return session.flag("""
                SELECT EXISTS (SELECT FROM pg_stat_activity
                                WHERE datid = ? AND application_name LIKE 'pgconvoy%' AND application_name <> ?)
                """, oid, target.applicationName());
    }

    /**
     * Changes a database by its name, and takes that back where it is not the one with this OID.
     *
     * @param after its name after the change
     * @throws PgconvoyException also where it was another one, which is as it was before
     */
    private void change(long oid, DatabaseName after, String sql) {
        for (int attempt = 1; ; attempt++) {
            try {
                session.doing(sql).committed(here -> {
                    here.execute(sql);
                    if (!oid(after).equals(Optional.of(oid))) {
                        throw replaced(after);
                    }
                    return after;
                });
                return;
            } catch (SqlFailure failure) {
                // An ALTER DATABASE or a GRANT of somebody else at the same time makes ours fail rather than wait.
                if (attempt == ATTEMPTS || !SqlState.isConcurrentUpdate(failure)) {
                    throw failure;
                }
            }
            Cancellation.pause(PAUSE);
        }
    }

    private PgconvoyException replaced(DatabaseName name) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                target.label() + ": somebody gave the name of database \"" + name
                        + "\" to another one meanwhile, which is left alone",
                "Find out who is at work on the target, then run the same command again.");
    }

    /** Opens a session in the database with this OID, which somebody may have renamed. */
    public Session inside(long oid, DatabaseName name, String doing) {
        Session inside = target.session(name, doing);
        try {
            if (inside.number("SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()")
                    != oid) {
                throw replaced(name);
            }
            return inside;
        } catch (PgconvoyException other) {
            inside.close();
            throw other;
        }
    }

    /**
     * Looks into a database and drops it, unless the look finds a reason not to. From before the look on nobody else gets
     * in, so that what it has not found cannot come later.
     *
     * @param look the reasons to keep it
     * @return these reasons; empty where it was dropped
     */
    public List<String> dropUnless(long oid, Function<Session, List<String>> look) {
        DatabaseName name = name(oid).orElseThrow();
        List<String> reasons = List.of("the look was broken off");
        try (Session inside = inside(oid, name, "looking for what keeps it from being dropped")) {
            letIn(oid, name, false);
            try {
                endOtherSessions(inside);
                reasons = look.apply(inside);
                if (reasons.isEmpty()) {
                    dropSubscriptions(inside);
                }
            } finally {
                if (!reasons.isEmpty()) {
                    letIn(oid, name, true);
                }
            }
        }
        if (reasons.isEmpty()) {
            drop(oid, name);
        }
        return reasons;
    }

    /** Whether a database is there and refuses connections. */
    public boolean isClosed(DatabaseName name) {
        return session.flag(
                "SELECT EXISTS (SELECT FROM pg_database WHERE datname = ? AND NOT datallowconn)", name.value());
    }

    /** Opens or closes the database with this OID for new sessions, superusers' too. */
    public void letIn(long oid, DatabaseName name, boolean allowed) {
        change(oid, name, "ALTER DATABASE " + Sql.identifier(name.value()) + " WITH ALLOW_CONNECTIONS " + allowed);
    }

    /** @param ours in which it is asked, so that this is certain to be the right database */
    private void endOtherSessions(Session ours) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ours.number("""
                        SELECT count(*), count(pg_terminate_backend(pid)) FROM pg_stat_activity
                         WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """) > 0) {
            if (System.nanoTime() > deadline) {
                throw new PgconvoyException(
                        ErrorKind.TARGET,
                        target.label() + ", database \"" + ours.database() + "\": its sessions do not end",
                        "Look for them in pg_stat_activity, then run the same command again.");
            }
            Cancellation.pause(PAUSE);
        }
    }

    /**
     * Has everything committed so far survive a crash of the server, before a marker tells of it: while the target is
     * tuned its commits are asynchronous, and one synchronous commit takes all earlier ones along. 9.5 has no function
     * for that; there a temporary table's catalog entries are what is committed.
     *
     * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">Asynchronous Commit</a>
     */
    public void flush() {
        execute(target.version().isAtLeast(ServerVersion.V9_6) ? """
                          BEGIN;
                          SET LOCAL synchronous_commit = on;
                          SELECT pg_logical_emit_message(true, 'pgconvoy', 'marker');
                          COMMIT
                          """ : """
                          BEGIN;
                          SET LOCAL synchronous_commit = on;
                          CREATE TEMPORARY TABLE pgconvoy_marker () ON COMMIT DROP;
                          COMMIT
                          """);
    }

    /** A database that holds a subscription cannot be dropped; the slot on its publisher is not ours to drop. */
    private void dropSubscriptions(long oid, DatabaseName name) {
        if (!target.version().isAtLeast(ServerVersion.V10)
                || !session.flag("SELECT EXISTS (SELECT FROM pg_subscription WHERE subdbid = ?)", oid)) {
            return;
        }
        if (isClosed(name)) {
            letIn(oid, name, true);
        }
        try (Session inside = inside(oid, name, "dropping its subscriptions")) {
            dropSubscriptions(inside);
        }
    }

    private static void dropSubscriptions(Session inside) {
        if (!inside.version().isAtLeast(ServerVersion.V10)) {
            return;
        }
        inside.texts("""
                        SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                         WHERE d.datname = current_database()
                        """).forEach(name -> {
            String subscription = "SUBSCRIPTION " + Sql.identifier(name);
            inside.execute("ALTER " + subscription + " DISABLE");
            inside.execute("ALTER " + subscription + " SET (slot_name = NONE)");
            inside.execute("DROP " + subscription);
        });
    }

    private void execute(String sql) {
        session.doing(sql).execute(sql);
    }

    @Override
    public void close() {
        session.close();
    }
}
