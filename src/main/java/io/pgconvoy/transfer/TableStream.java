package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.transfer.early.EarlyBuilds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Copies the rows of tables from a snapshot of the source straight into the target's tables, which nobody else uses yet and
 * which have no indexes, keys or triggers. Each part goes in one transaction of its own, and waits in no more memory than
 * one message: a side that is slower has the other one wait.
 */
public final class TableStream {
    private final Server source;
    private final ServerPools target;
    private final DatabaseName database;
    private final String encoding;
    private final TransientRetry retry;

    /**
     * A table's outcome.
     *
     * @param rows how many the source sent and the target took
     * @param failure why the target did not take them; then the table is empty
     */
    public record Copied(PlannedTable planned, long rows, Optional<SqlFailure> failure) {}

    /** A part's outcome. */
    private record Part(long tableOid, long rows, Optional<SqlFailure> failure) {}

    /** A commit without an answer: the rows may be there or not. */
    private static final class InDoubt extends RuntimeException {
        private final SqlFailure failure;

        InDoubt(SqlFailure failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /**
     * @param encoding of the database on both sides, so that no server converts anything
     * @param retry is told what is copied again
     */
    public TableStream(
            Server source, ServerPools target, DatabaseName database, String encoding, TransientRetry retry) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.encoding = encoding;
        this.retry = retry;
    }

    /**
     * Copies tables, the largest first. What the target refuses of one table does not stop the others.
     *
     * @param holder of the snapshot to read in, and of locks on the tables
     * @param jobs the most parts at once, each over a session on each side, and builds
     * @param builds what can be built on tables while others are copied
     * @param onTables told how many tables are through so far; by several threads
     * @return in the order of the tables
     * @throws PgconvoyException of either server's kind when it fails, of kind INTERRUPTED once cancelled; then the
     *     database is of no further use
     */
    public List<Copied> copy(
            SnapshotHolder holder, List<PlannedTable> tables, int jobs, EarlyBuilds builds, LongConsumer onTables) {
        try (SessionPool pool = target.sessions(database, jobs)) {
            List<Part> parts = new PartReading(source, database, encoding, retry, "copy of parts")
                    .read(
                            holder,
                            tables,
                            jobs,
                            new CountDownLatch(0),
                            bytes -> {},
                            new IntoTable(pool, tables, builds, onTables));
            return copied(pool, tables, parts);
        } catch (InDoubt doubt) {
            throw doubt.failure;
        }
    }

    private static List<Copied> copied(SessionPool pool, List<PlannedTable> tables, List<Part> parts) {
        Map<Long, List<Part>> byTable = new HashMap<>();
        parts.forEach(part -> byTable.computeIfAbsent(part.tableOid(), none -> new ArrayList<>())
                .add(part));
        List<Copied> copied = new ArrayList<>();
        for (PlannedTable planned : tables) {
            List<Part> own = byTable.get(planned.table().oid());
            Optional<SqlFailure> failure =
                    own.stream().flatMap(part -> part.failure().stream()).findFirst();
            if (failure.isPresent()
                    && own.stream().anyMatch(part -> part.failure().isEmpty())) {
                empty(pool, planned.table());
            }
            copied.add(new Copied(planned, own.stream().mapToLong(Part::rows).sum(), failure));
        }
        return copied;
    }

    /** Half a table is worse than none. */
    private static void empty(SessionPool pool, DeferredTable table) {
        try (Session session = pool.session("emptying table " + table.label() + ", of which a part failed")) {
            session.execute(truncate(table));
        }
    }

    private static String truncate(DeferredTable table) {
        // Large objects are in one of the server's own tables, which nobody may truncate.
        String delete = table.schema().equals("pg_catalog") ? "DELETE FROM ONLY " : "TRUNCATE ONLY ";
        return delete + Sql.qualified(table.schema(), table.name());
    }

    private final class IntoTable implements PartReading.Sink<Part> {
        private final SessionPool pool;
        private final EarlyBuilds builds;
        private final LongConsumer onTables;
        private final AtomicLong tables = new AtomicLong();

        /** By a table's OID, how many of its parts are still to come. */
        private final Map<Long, AtomicLong> open = new ConcurrentHashMap<>();

        /** Those of which a part was refused. */
        private final Set<Long> refused = ConcurrentHashMap.newKeySet();

        IntoTable(SessionPool pool, List<PlannedTable> tables, EarlyBuilds builds, LongConsumer onTables) {
            this.pool = pool;
            this.builds = builds;
            this.onTables = onTables;
            tables.forEach(one -> open.put(
                    one.table().oid(), new AtomicLong(Math.max(1, one.ranges().size()))));
            builds.begin(open.size());
        }

        @Override
        public Part take(TablePart part, PartReading.Rows rows) {
            try {
                return done(part, load(part, rows), Optional.empty());
            } catch (SqlFailure failure) {
                return instead(part, failure).orElseThrow(() -> failure);
            }
        }

        @Override
        public void betweenParts() {
            builds.ready(pool);
        }

        @Override
        public void afterParts() {
            builds.rest(pool);
        }

        @Override
        public Optional<Part> instead(TablePart part, PgconvoyException failure) {
            return failure instanceof SqlFailure told
                            && told.kind() == ErrorKind.TARGET
                            && PassingFailure.of(told).isEmpty()
                    ? Optional.of(done(part, 0, Optional.of(told)))
                    : Optional.empty();
        }

        private long load(TablePart part, PartReading.Rows rows) {
            boolean whole = part.range().isEmpty();
            boolean[] complete = {false};
            try (Session session = pool.session("loading " + part.label())) {
                return session.committed(transaction -> {
                    PartTransaction.prepare(transaction);
                    CopyCommand command = new CopyCommand(part.table(), encoding);
                    if (whole) {
                        // Rows of an earlier attempt whose commit was not answered, and what FREEZE asks for.
                        transaction.execute(truncate(part.table()));
                    }
                    long[] sent = {0};
                    long taken = transaction.copyIn(
                            whole ? command.inFrozen() : command.in(), taker -> sent[0] = rows.giveTo(taker));
                    PartTransaction.requireAll(transaction, part.label(), sent[0], taken);
                    complete[0] = true;
                    return taken;
                });
            } catch (SqlFailure failure) {
                throw complete[0] && !whole ? new InDoubt(failure) : failure;
            }
        }

        private Part done(TablePart part, long rows, Optional<SqlFailure> failure) {
            long table = part.table().oid();
            failure.ifPresent(which -> refused.add(table));
            if (open.get(table).decrementAndGet() == 0) {
                onTables.accept(tables.incrementAndGet());
                builds.through(table, !refused.contains(table));
            }
            return new Part(table, rows, failure);
        }
    }
}
