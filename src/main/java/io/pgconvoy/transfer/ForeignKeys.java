package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.retry.TransientRetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Foreign keys of large tables on the target, those from and to deferred ones for example: added NOT VALID, so that clients'
 * rows are checked from the beginning, and validated when all rows are there. Safe for use by many threads.
 */
public final class ForeignKeys {
    private static final Logger log = LoggerFactory.getLogger(ForeignKeys.class);

    private final Ddl ddl;
    private final TransientRetry retry;

    public ForeignKeys(Server target) {
        this(new Ddl(target), new TransientRetry(target.cancellation(), log::warn));
    }

    /** @param patience for how long a locked table is tried again */
    ForeignKeys(Server target, Duration patience) {
        this(new Ddl(target, patience), new TransientRetry(target.cancellation(), log::warn));
    }

    private ForeignKeys(Ddl ddl, TransientRetry retry) {
        this.ddl = ddl;
        this.retry = retry;
    }

    /** The same that tells one database what was tried again. */
    public ForeignKeys with(TransientRetry database) {
        return new ForeignKeys(ddl, database);
    }

    /**
     * Adds keys NOT VALID; those that are there already are left as they are.
     *
     * @return a sentence for each that the server refused
     */
    public List<String> addNotValid(DatabaseName database, List<DeferredForeignKey> keys) {
        return each(database, keys, 1, "adding", (session, key) -> {
            if (!Constraints.exists(session, key)) {
                // The definition of one that is not valid on the source ends so already.
                alter(session, key, "ADD CONSTRAINT", " " + key.definition() + (key.validated() ? " NOT VALID" : ""));
            }
        });
    }

    /**
     * Adds valid keys to tables that have their rows. Those of several tables are checked at once, which they could not be
     * while they are added: that excludes the other keys to the same table.
     *
     * @param jobs how many at once, each on another table
     * @return a sentence for each that does not hold, with the server's words; it is left NOT VALID
     */
    public List<String> add(DatabaseName database, List<DeferredForeignKey> keys, int jobs) {
        List<String> failures = new ArrayList<>(addNotValid(database, keys));
        failures.addAll(each(database, keys, jobs, "validating", (session, key) -> {
            if (Constraints.exists(session, key)) {
                validate(session, key);
            }
        }));
        return failures;
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
        return each(database, valid, jobs, "validating", this::validate);
    }

    private void validate(Session session, DeferredForeignKey key) {
        alter(session, key, "VALIDATE CONSTRAINT", "");
    }

    /**
     * Drops keys, where they and their tables are there: {@code pg_restore --clean} drops only what it restores itself,
     * and fails over a key that needs it.
     */
    public List<String> drop(DatabaseName database, List<DeferredForeignKey> keys) {
        return each(database, keys, 1, "dropping", (session, key) -> {
            if (Constraints.exists(session, key)) {
                alter(session, key, "DROP CONSTRAINT", "");
            }
        });
    }

    /** Keys of one table are done one after the other: the second would wait for the first one's lock. */
    private List<String> each(
            DatabaseName database,
            List<DeferredForeignKey> keys,
            int jobs,
            String doing,
            BiConsumer<Session, DeferredForeignKey> change) {
        Map<String, List<DeferredForeignKey>> byTable = new LinkedHashMap<>();
        keys.forEach(key ->
                byTable.computeIfAbsent(table(key), none -> new ArrayList<>()).add(key));
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        Tasks.forEach("keys-" + database, jobs, ddl.server().cancellation(), byTable.values(), table -> {
            for (DeferredForeignKey key : table) {
                // Each in a session of its own, which may be lost.
                retry.run("foreign keys", () -> apply(database, key, doing, change))
                        .ifPresent(failures::add);
            }
        });
        return List.copyOf(failures);
    }

    private Optional<String> apply(
            DatabaseName database,
            DeferredForeignKey key,
            String doing,
            BiConsumer<Session, DeferredForeignKey> change) {
        String what = doing + " foreign key " + Sql.identifier(key.name()) + " of table " + table(key);
        try (Session session = ddl.open(database, what)) {
            change.accept(session, key);
            return Optional.empty();
        } catch (SqlFailure failure) {
            if (SqlState.isTransient(failure) && !SqlState.isDeadlock(failure)) {
                throw failure;
            }
            return Optional.of(what + " failed: " + failure.words());
        }
    }

    private static String table(DeferredForeignKey key) {
        return Sql.qualified(key.schema(), key.table());
    }

    /** A partitioned table's key is its partitions' as well; other tables' are never inherited. */
    private void alter(Session session, DeferredForeignKey key, String action, String definition) {
        ddl.patiently(
                session,
                "ALTER TABLE " + (key.partitioned() ? "" : "ONLY ") + table(key) + " " + action + " "
                        + Sql.identifier(key.name()) + definition);
    }
}
