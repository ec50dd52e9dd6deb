package io.pgconvoy.postgres;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Changes definitions in a database that clients work in. Such a statement waits for the transactions that use the table,
 * and everybody who comes later waits behind it; so it waits briefly, lets the others pass, and tries again. No triggers of
 * the user's fire, neither tables' nor event triggers (but those that are enabled always, before version 17). Safe for use
 * by many threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit Locking</a>
 */
public final class Ddl {
    /** What a superuser alone may do, unless it was granted. */
    public static final String PRIVILEGE_HINT =
            "Deferred tables need a superuser on the target, who may set session_replication_role.";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Longer than deadlock_timeout's default of 1 s, after which an autovacuum that is in the way gives up. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Server server;
    private final Duration patience;

    public Ddl(Server server) {
        this(server, PATIENCE);
    }

    /** @param patience for how long, at most, something is tried again */
    public Ddl(Server server, Duration patience) {
        this.server = server;
        this.patience = patience;
    }

    public Server server() {
        return server;
    }

    /**
     * Does something in a transaction, again and again until it gets its locks, and commits.
     *
     * @param doing what it does and to what, for messages: "dropping index a.b"
     * @param work idempotent
     * @throws PgconvoyException of the server's kind when it fails, also where it gets no lock for minutes
     */
    public <T> T committed(DatabaseName database, String doing, Function<Session, T> work) {
        try (Session session = server.session(database, doing)) {
            return insist(() -> session.committed(transaction -> {
                transaction.execute("SET LOCAL lock_timeout = " + LOCK_TIMEOUT.toMillis());
                silence(transaction);
                return work.apply(transaction);
            }));
        } catch (SqlFailure failure) {
            throw told(database, doing, failure);
        }
    }

    /** A session in which users' triggers do not fire, where the role may decide that. */
    public Session open(DatabaseName database, String doing) {
        Session session = server.session(database, doing);
        try {
            quiet(session).forEach(session::set);
            return session;
        } catch (RuntimeException failure) {
            session.close();
            throw failure;
        }
    }

    /** Executes a statement that is a transaction of its own, trying again while a lock is not to be had. */
    public void patiently(Session session, String sql) {
        session.execute("SET lock_timeout = " + LOCK_TIMEOUT.toMillis());
        try (Session.Undo patient = session.atTheEnd("SET lock_timeout = 0")) {
            insist(() -> session.execute(sql));
        }
    }

    /** Has no trigger fire in this transaction but those that are enabled always or for a replica. */
    public static void silence(Session transaction) {
        transaction.execute("SET LOCAL session_replication_role = replica");
        if (transaction.version().isAtLeast(ServerVersion.V17)) {
            // Only a superuser may; the other setting may have been granted to somebody else.
            transaction.execute("""
                    SELECT pg_catalog.set_config('event_triggers', 'off', true)
                     WHERE pg_catalog.current_setting('is_superuser') = 'on'
                    """);
        }
    }

    /** The settings under which users' triggers stay silent; empty where the role may not set them. */
    public static Map<String, String> quiet(Session session) {
        Map<String, String> settings = new LinkedHashMap<>();
        try {
            session.execute("SET session_replication_role = replica");
            session.execute("RESET session_replication_role");
        } catch (SqlFailure refused) {
            if (SqlState.isPrivilege(refused)) {
                return settings;
            }
            throw refused;
        }
        settings.put("session_replication_role", "replica");
        if (session.version().isAtLeast(ServerVersion.V17)
                && session.flag("SELECT pg_catalog.current_setting('is_superuser') = 'on'")) {
            settings.put("event_triggers", "off");
        }
        return settings;
    }

    private <T> T insist(Supplier<T> attempt) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            server.cancellation().check();
            try {
                return attempt.get();
            } catch (SqlFailure failure) {
                if (!isInTheWay(failure) || System.nanoTime() > deadline) {
                    throw failure;
                }
            }
            server.cancellation().await(() -> Thread.sleep(PAUSE.toMillis()));
        }
    }

    /** Whether somebody else was. */
    private static boolean isInTheWay(SqlFailure failure) {
        return SqlState.isLockNotAvailable(failure) || SqlState.isDeadlock(failure);
    }

    private SqlFailure told(DatabaseName database, String doing, SqlFailure failure) {
        if (isInTheWay(failure)) {
            return failure.with(
                    server.label() + ", database \"" + database + "\": " + doing + " found no moment within "
                            + patience.toSeconds() + " s in which no other transaction used the table",
                    "Look for long transactions in pg_stat_activity, end them, then run the same command again.");
        }
        return SqlState.isPrivilege(failure) ? failure.with(failure.getMessage(), PRIVILEGE_HINT) : failure;
    }
}
