package io.pgconvoy.preflight.database;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.SourceDatabase;
import io.pgconvoy.preflight.server.ConnectionCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whether the servers' lock tables are large enough. pg_dump locks every table of a database until it ends, and each view
 * and what it shows when it asks for its definition. On the target nothing locks a whole database: pg_restore runs each
 * entry, and each command about a large object, in a transaction of its own; but what works on a partitioned table locks
 * the whole tree with its indexes. Reading large objects locks none of them.
 *
 * <p>The table is made for max_locks_per_transaction * (max_connections + max_prepared_transactions) locks. On an idle
 * server there is room for about twice as many (9.5 took 11,000 and 18 14,000 of an official 6,400).
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION">
 *     max_locks_per_transaction</a>
 */
public final class LockTableCheck extends DatabaseCheck {
    /** So many times the official capacity no server can bear. */
    private static final int CERTAIN = 3;

    private final List<Locks> wanted = new ArrayList<>();
    private Optional<Capacity> onTarget = Optional.empty();

    private record Locks(DatabaseName database, long relations, long tree) {}

    private record Capacity(long perTransaction, long transactions) {
        static Capacity of(Session session) {
            return new Capacity(
                    session.number("SELECT current_setting('max_locks_per_transaction')::bigint"), session.number("""
                            SELECT current_setting('max_connections')::bigint
                                   + current_setting('max_prepared_transactions')::bigint
                            """));
        }

        long locks() {
            return perTransaction * transactions;
        }

        /** The max_locks_per_transaction that would do, with a tenth to spare. */
        long sufficient(long locks) {
            return (locks + locks / 10) / transactions + 1;
        }
    }

    public LockTableCheck() {
        super(
                "lock-table",
                "warning, blocker",
                "more tables than the source's lock table is made for; a partitioned table with more"
                        + " partitions and indexes than the target's");
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (onTarget.isEmpty()) {
            onTarget = Optional.of(Capacity.of(context.onTarget()));
        }
        long most = onTarget.get().locks();
        Locks locks = database.list("""
                        SELECT (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND oid >= 16384),
                               (SELECT count(*) FROM pg_inherits)
                        """, row -> new Locks(database.name(), row.getLong(1), row.getLong(2)))
                .get(0);
        // It may be looked into again.
        wanted.removeIf(other -> other.database().equals(database.name()));
        // Most databases have so few partitions that their trees need not be told apart.
        wanted.add(
                locks.tree() <= most ? locks : new Locks(database.name(), locks.relations(), tree(database.session())));
        return List.of();
    }

    /** The tables of the largest inheritance tree with their indexes. */
    private static long tree(Session session) {
        return session.number("""
                WITH RECURSIVE tree (root, member) AS (
                    SELECT DISTINCT i.inhparent, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
                     WHERE c.relkind IN ('r', 'p')
                       AND NOT EXISTS (SELECT FROM pg_inherits above WHERE above.inhrelid = i.inhparent)
                    UNION
                    SELECT t.root, i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.member
                ), indexes AS (
                    SELECT indrelid, count(*) AS number FROM pg_index GROUP BY 1
                )
                SELECT max(locks)
                  FROM (SELECT sum(1 + COALESCE(x.number, 0)) AS locks
                          FROM tree t LEFT JOIN indexes x ON x.indrelid = t.member GROUP BY t.root) AS trees
                """);
    }

    @Override
    public List<Finding> conclude(CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        Capacity source = Capacity.of(context.onSource());
        int atOnce = ConnectionCheck.parallelism(context)
                .map(Parallelism::dumpParallel)
                .orElse(1);
        List<Locks> largest = wanted.stream()
                .sorted(Comparator.comparing(Locks::relations).reversed())
                .limit(atOnce)
                .filter(locks -> locks.relations() > 0)
                .toList();
        long sum = largest.stream().mapToLong(Locks::relations).sum();
        if (sum > source.locks()) {
            boolean certain = largest.get(0).relations() > CERTAIN * source.locks();
            Finding finding = warning(
                            "pg_dump locks every table, up to " + sum + " at once, and "
                                    + context.source().label() + " is set up for " + source.locks()
                                    + " locks (max_locks_per_transaction " + source.perTransaction() + ")",
                            "Set max_locks_per_transaction = " + source.sufficient(sum)
                                    + " on the source and restart it"
                                    + (atOnce > 1 ? ", or give --dump-parallel=1." : "."))
                    .on(Side.SOURCE)
                    .at(largest.stream()
                            .map(locks -> Place.of(locks.database(), locks.relations() + " tables and views"))
                            .toList());
            findings.add(certain ? finding.as(Severity.BLOCKER) : finding);
        }
        Capacity target = Capacity.of(context.onTarget());
        for (Locks locks : wanted) {
            if (locks.tree() > target.locks()) {
                findings.add(warning(
                                "a partitioned table has more partitions and indexes than the " + target.locks()
                                        + " locks that " + context.target().label()
                                        + " is set up for (max_locks_per_transaction " + target.perTransaction() + ")",
                                "Set max_locks_per_transaction on the target as it is on the source, or at least to "
                                        + target.sufficient(locks.tree()) + ", and restart it.")
                        .on(Side.TARGET)
                        .at(List.of(Place.of(locks.database(), locks.tree() + " partitions and indexes"))));
            }
        }
        return findings;
    }
}
