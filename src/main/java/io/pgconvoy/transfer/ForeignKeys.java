package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.TransientRetry;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Foreign keys from and to deferred tables, on the target: added NOT VALID, so that clients' rows are checked from the
 * beginning, and validated when all rows are there. Safe for use by many threads.
 */
public final class ForeignKeys {
    private static final Logger log = LoggerFactory.getLogger(ForeignKeys.class);

    private final Server target;
    private final Cancellation cancellation;
    private final Duration patience;
    private final TransientRetry retry;

    public ForeignKeys(Server target, Cancellation cancellation) {
        this(target, cancellation, LockPatience.DEFAULT);
    }

    /** The same that tells one database what was tried again. */
    public ForeignKeys with(TransientRetry database) {
        return new ForeignKeys(target, cancellation, patience, database);
    }

    /** @param patience for how long a locked table is tried again */
    ForeignKeys(Server target, Cancellation cancellation, Duration patience) {
        this(target, cancellation, patience, new TransientRetry(cancellation, log::warn));
    }

    private ForeignKeys(Server target, Cancellation cancellation, Duration patience, TransientRetry retry) {
        this.target = target;
        this.cancellation = cancellation;
        this.patience = patience;
        this.retry = retry;
    }

    /** Does something with one key. */
    @FunctionalInterface
    private interface Change {
        void apply(ChangeSession session, DeferredForeignKey key) throws SQLException;
    }

    /**
     * Adds keys NOT VALID; those that are there already are left as they are.
     *
     * @return a sentence for each that the server refused
     */
    public List<String> addNotValid(DatabaseName database, List<DeferredForeignKey> keys) {
        return each(database, keys, 1, "adding", (session, key) -> {
            if (Constraints.exists(session.connection(), key)) {
                return;
            }
            // The definition of one that is not valid on the source ends so already.
            String notValid = key.validated() ? " NOT VALID" : "";
            session.executePatiently(
                    alter(key) + " ADD CONSTRAINT " + Sql.identifier(key.name()) + " " + key.definition() + notValid);
        });
    }

    /**
     * Validates the keys that are valid on the source; one that is valid already costs nothing.
     *
     * @param jobs how many at once, each on another table
     * @return a sentence for each that does not hold, with the server's words, which name the first violating value
     */
    public List<String> validate(DatabaseName database, List<DeferredForeignKey> keys, int jobs) {
        List<DeferredForeignKey> valid =
                keys.stream().filter(DeferredForeignKey::validated).toList();
        // The check itself does not depend on session_replication_role.
        return each(
                database,
                valid,
                jobs,
                "validating",
                (session, key) ->
                        session.executePatiently(alter(key) + " VALIDATE CONSTRAINT " + Sql.identifier(key.name())));
    }

    /**
     * Drops keys, where they and their tables are there: {@code pg_restore --clean} drops only what it restores itself,
     * and fails over a key that needs it.
     */
    public List<String> drop(DatabaseName database, List<DeferredForeignKey> keys) {
        return each(database, keys, 1, "dropping", (session, key) -> {
            if (Constraints.exists(session.connection(), key)) {
                session.executePatiently(alter(key) + " DROP CONSTRAINT " + Sql.identifier(key.name()));
            }
        });
    }

    /** Keys of one table are done one after the other: the second would wait for the first one's lock. */
    private List<String> each(
            DatabaseName database, List<DeferredForeignKey> keys, int jobs, String doing, Change change) {
        Map<String, List<DeferredForeignKey>> byTable = new LinkedHashMap<>();
        keys.forEach(key ->
                byTable.computeIfAbsent(table(key), none -> new ArrayList<>()).add(key));
        Queue<Collection<DeferredForeignKey>> tables = new ConcurrentLinkedQueue<>(byTable.values());
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        Tasks.inParallel("keys-" + database, Math.min(jobs, tables.size()), cancellation, () -> {
            for (Collection<DeferredForeignKey> table = tables.poll(); table != null; table = tables.poll()) {
                for (DeferredForeignKey key : table) {
                    // Each in a session of its own, which may be lost.
                    retry.run("foreign keys", () -> apply(database, key, doing, change))
                            .ifPresent(failures::add);
                }
            }
        });
        return List.copyOf(failures);
    }

    private Optional<String> apply(DatabaseName database, DeferredForeignKey key, String doing, Change change) {
        cancellation.check();
        try (ChangeSession session = ChangeSession.open(target, database, cancellation, patience)) {
            change.apply(session, key);
            return Optional.empty();
        } catch (SQLException failure) {
            cancellation.check();
            String what = doing + " foreign key " + Sql.identifier(key.name()) + " of table " + table(key);
            if (SqlState.isTransient(failure) && !"40P01".equals(failure.getSQLState())) {
                throw target.failure(database, what, failure);
            }
            return Optional.of(what + " failed: " + ServerWords.of(failure));
        }
    }

    private static String table(DeferredForeignKey key) {
        return Sql.qualified(key.schema(), key.table());
    }

    /** A partitioned table's key is its partitions' as well; other tables' are never inherited. */
    private static String alter(DeferredForeignKey key) {
        return "ALTER TABLE " + (key.partitioned() ? "" : "ONLY ") + table(key);
    }
}
