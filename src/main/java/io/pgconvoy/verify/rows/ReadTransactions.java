package io.pgconvoy.verify.rows;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Runs queries of the verification on one server, each in a transaction of its own that is rolled back, as many at once as
 * the bulkhead lets through. Safe for use by many threads.
 *
 * @param bulkhead the limit on such queries over all databases, and perhaps both servers
 * @param concurrency the most queries, and sessions, at once for one database
 */
public record ReadTransactions(ServerPools pools, Bulkhead bulkhead, int concurrency) {
    public Server server() {
        return pools.server();
    }

    /** The sessions for one database; the caller closes them. */
    public SessionPool sessions(DatabaseName database) {
        return pools.sessions(database, concurrency);
    }

    /** Does the same with many things, as many at once as may be for one database. */
    public <T> void forEach(String name, SessionPool pool, Collection<T> things, Consumer<T> work) {
        Tasks.forEach(name + "-" + pool.database(), concurrency, cancellation(), things, work);
    }

    private Cancellation cancellation() {
        return server().cancellation();
    }

    /**
     * Runs the work.
     *
     * @param snapshot the exported snapshot to read in; empty for the present
     * @param doing what the work is, for a message: "counting rows"
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public <T> T run(SessionPool pool, Optional<String> snapshot, String doing, Function<Session, T> work) {
        return permitted(() -> pooled(pool, doing, session -> {
            snapshot.ifPresent(session::adopt);
            return work.apply(session);
        }));
    }

    /** Runs work that reads the catalogs, and perhaps how big tables are, which a lock of somebody's keeps secret. */
    public <T> T list(SessionPool pool, Optional<SnapshotHolder> snapshot, String doing, Function<Session, T> work) {
        return snapshot.isPresent() && snapshot.get().holdsLocks()
                ? permitted(() -> snapshot.get().within(doing, work))
                : run(pool, snapshot.map(SnapshotHolder::snapshot), doing, work);
    }

    /**
     * Runs work that reads tables. Where the snapshot's holder has locks on them, and somebody waits for one of these, it runs
     * in the holder's session, since another one would wait for ever. Where it has none, a table that was rewritten since
     * is read as it is now: in the snapshot it would seem to be empty.
     *
     * @param snapshot to read in; empty for the present
     * @param tables that are read; a materialized view is alone
     * @return empty where they could not be read, which only happens to a materialized view that somebody has locked
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public <T> Optional<T> read(
            SessionPool pool,
            Optional<SnapshotHolder> snapshot,
            List<TableInfo> tables,
            String doing,
            Function<Session, T> work) {
        if (snapshot.isEmpty()) {
            return Optional.of(run(pool, Optional.empty(), doing, work));
        }
        SnapshotHolder holder = snapshot.get();
        if (tables.stream().anyMatch(TableInfo::materializedView)) {
            return permitted(() -> view(pool, holder, doing, work));
        }
        return Optional.of(permitted(() -> holder.holdsLocks()
                ? beside(pool, holder, tables, doing, work)
                : unlocked(pool, holder, tables, doing, work)));
    }

    /**
     * The same of tables, and no views, that one query reads all of: in the holder's session where that has locks on them, as
     * another session would cost more than the query.
     */
    public <T> T readHeld(
            SessionPool pool,
            Optional<SnapshotHolder> snapshot,
            List<TableInfo> tables,
            String doing,
            Function<Session, T> work) {
        return snapshot.filter(SnapshotHolder::holdsLocks)
                .map(holder -> permitted(() -> holder.within(doing, work)))
                .orElseGet(() -> read(pool, snapshot, tables, doing, work).orElseThrow());
    }

    private <T> T permitted(Supplier<T> query) {
        cancellation().check();
        try {
            cancellation().await(bulkhead::acquirePermission);
        } catch (BulkheadFullException | IllegalStateException givenUp) {
            throw Cancellation.interrupted();
        }
        try {
            return query.get();
        } finally {
            bulkhead.releasePermission();
        }
    }

    private static <T> T pooled(SessionPool pool, String doing, Function<Session, T> work) {
        try (Session session = pool.session(doing)) {
            return session.rolledBack(work);
        }
    }

    private static <T> T beside(
            SessionPool pool, SnapshotHolder holder, List<TableInfo> tables, String doing, Function<Session, T> work) {
        boolean[] begun = {false};
        try {
            return pooled(pool, doing, session -> {
                session.adopt(holder.snapshot());
                lock(session, tables, " NOWAIT");
                begun[0] = true;
                return work.apply(session);
            });
        } catch (SqlFailure failure) {
            if (begun[0] || !SqlState.isLockNotAvailable(failure)) {
                throw failure;
            }
            return holder.within(doing, work);
        }
    }

    private static <T> T unlocked(
            SessionPool pool, SnapshotHolder holder, List<TableInfo> tables, String doing, Function<Session, T> work) {
        boolean[] rewritten = {false};
        T result = pooled(pool, doing, session -> {
            session.adopt(holder.snapshot());
            lock(session, tables, "");
            rewritten[0] = isRewritten(session, tables);
            return rewritten[0] ? null : work.apply(session);
        });
        return rewritten[0] ? pooled(pool, doing, work) : result;
    }

    /** Nobody waits for the end of a REFRESH, which may itself wait for somebody who waits for the snapshot's holder. */
    private static <T> Optional<T> view(
            SessionPool pool, SnapshotHolder holder, String doing, Function<Session, T> work) {
        try (Session session = pool.session(doing)) {
            // Whoever keeps sessions out by a lock has not locked the view.
            try {
                return Optional.of(session.rolledBack(transaction -> {
                    transaction.adopt(holder.snapshot());
                    transaction.execute("SET LOCAL lock_timeout = '5s'");
                    return work.apply(transaction);
                }));
            } catch (SqlFailure failure) {
                if (!SqlState.isLockNotAvailable(failure)) {
                    throw failure;
                }
                return Optional.empty();
            }
        }
    }

    private static void lock(Session session, List<TableInfo> tables, String noWait) {
        session.execute("LOCK TABLE " + tables.stream().map(TableInfo::target).collect(Collectors.joining(", "))
                + " IN ACCESS SHARE MODE" + noWait);
    }

    /** Whether one of the tables, or of their partitions, has another file now than the snapshot knows, or is gone. */
    private static boolean isRewritten(Session session, List<TableInfo> tables) {
        String oids = tables.stream().map(table -> String.valueOf(table.oid())).collect(Collectors.joining(", "));
        return session.flag("""
                WITH RECURSIVE t (oid) AS (
                    SELECT oid FROM pg_catalog.pg_class WHERE oid IN (%s)
                    UNION
                    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN t ON t.oid = i.inhparent)
                SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN t ON t.oid = c.oid
                                WHERE c.relkind = 'r' AND c.relfilenode <> 0
                                  AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid))
                """.formatted(oids));
    }
}
