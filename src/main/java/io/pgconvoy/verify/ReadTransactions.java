package io.pgconvoy.verify;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Runs queries of the verification, each in a transaction of its own that is rolled back, as many at once as the
 * bulkhead lets through. Safe for use by many threads.
 */
public final class ReadTransactions {
    private final Bulkhead bulkhead;
    private final Cancellation cancellation;

    /** @param bulkhead the limit on such queries over all databases and both servers */
    public ReadTransactions(Bulkhead bulkhead, Cancellation cancellation) {
        this.bulkhead = bulkhead;
        this.cancellation = cancellation;
    }

    /** What to do in the transaction, with a statement that cancellation breaks off. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Statement statement) throws SQLException;
    }

    /**
     * Runs the work.
     *
     * @param snapshot the exported snapshot to read in; empty for the present
     * @param doing what the work is, for a message: "counting rows"
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public <T> T run(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<String> snapshot,
            String doing,
            Work<T> work) {
        return permitted(
                server,
                database,
                doing,
                () -> pooled(pool, statement -> {
                    if (snapshot.isPresent()) {
                        SnapshotHolder.adopt(statement, snapshot.get());
                    }
                    return work.run(statement);
                }));
    }

    /** Runs work that reads the catalogs, and perhaps how big tables are, which a lock of somebody's keeps secret. */
    public <T> T list(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<SnapshotHolder> snapshot,
            String doing,
            Work<T> work) {
        return snapshot.isPresent() && snapshot.get().holdsLocks()
                ? permitted(server, database, doing, () -> held(snapshot.get(), work))
                : run(server, database, pool, snapshot.map(SnapshotHolder::snapshot), doing, work);
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
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<SnapshotHolder> snapshot,
            List<TableInfo> tables,
            String doing,
            Work<T> work) {
        if (snapshot.isEmpty()) {
            return Optional.of(run(server, database, pool, Optional.empty(), doing, work));
        }
        SnapshotHolder holder = snapshot.get();
        if (tables.stream().anyMatch(TableInfo::materializedView)) {
            return permitted(server, database, doing, () -> view(pool, holder, work));
        }
        return Optional.of(permitted(
                server,
                database,
                doing,
                () -> holder.holdsLocks() ? beside(pool, holder, tables, work) : unlocked(pool, holder, tables, work)));
    }

    /** A question to a server. */
    private interface Query<T> {
        T ask() throws SQLException;
    }

    private <T> T permitted(Server server, DatabaseName database, String doing, Query<T> query) {
        cancellation.check();
        try {
            cancellation.await(bulkhead::acquirePermission);
        } catch (BulkheadFullException | IllegalStateException givenUp) {
            throw Cancellation.interrupted();
        }
        try {
            return query.ask();
        } catch (SQLException failure) {
            cancellation.check();
            throw server.failure(database, doing, failure);
        } finally {
            bulkhead.releasePermission();
        }
    }

    private <T> T pooled(DataSource pool, Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            try (var registration = cancellation.breaksOff(connection)) {
                return Transaction.rolledBack(connection, work::run);
            }
        }
    }

    private <T> T held(SnapshotHolder holder, Work<T> work) throws SQLException {
        return holder.read(connection -> {
            try (Statement statement = connection.createStatement();
                    var registration = cancellation.breaksOff(connection)) {
                return work.run(statement);
            }
        });
    }

    private <T> T beside(DataSource pool, SnapshotHolder holder, List<TableInfo> tables, Work<T> work)
            throws SQLException {
        boolean[] begun = {false};
        try {
            return pooled(pool, statement -> {
                SnapshotHolder.adopt(statement, holder.snapshot());
                lock(statement, tables, " NOWAIT");
                begun[0] = true;
                return work.run(statement);
            });
        } catch (SQLException failure) {
            if (begun[0] || !SqlState.isLockNotAvailable(failure)) {
                throw failure;
            }
            return held(holder, work);
        }
    }

    private <T> T unlocked(DataSource pool, SnapshotHolder holder, List<TableInfo> tables, Work<T> work)
            throws SQLException {
        boolean[] rewritten = {false};
        T result = pooled(pool, statement -> {
            SnapshotHolder.adopt(statement, holder.snapshot());
            lock(statement, tables, "");
            rewritten[0] = isRewritten(statement, tables);
            return rewritten[0] ? null : work.run(statement);
        });
        return rewritten[0] ? pooled(pool, work) : result;
    }

    /** Nobody waits for the end of a REFRESH, which may itself wait for somebody who waits for the snapshot's holder. */
    private <T> Optional<T> view(DataSource pool, SnapshotHolder holder, Work<T> work) throws SQLException {
        try {
            return Optional.of(pooled(pool, statement -> {
                SnapshotHolder.adopt(statement, holder.snapshot());
                statement.execute("SET LOCAL lock_timeout = '5s'");
                return work.run(statement);
            }));
        } catch (SQLException failure) {
            if (!SqlState.isLockNotAvailable(failure)) {
                throw failure;
            }
            return Optional.empty();
        }
    }

    private static void lock(Statement statement, List<TableInfo> tables, String noWait) throws SQLException {
        statement.execute("LOCK TABLE "
                + tables.stream().map(TableInfo::target).collect(Collectors.joining(", "))
                + " IN ACCESS SHARE MODE" + noWait);
    }

    /** Whether one of the tables, or of their partitions, has another file now than the snapshot knows, or is gone. */
    private static boolean isRewritten(Statement statement, List<TableInfo> tables) throws SQLException {
        String oids = tables.stream().map(table -> String.valueOf(table.oid())).collect(Collectors.joining(", "));
        try (ResultSet row = statement.executeQuery("""
                WITH RECURSIVE t (oid) AS (
                    SELECT oid FROM pg_catalog.pg_class WHERE oid IN (%s)
                    UNION
                    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN t ON t.oid = i.inhparent)
                SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN t ON t.oid = c.oid
                                WHERE c.relkind = 'r' AND c.relfilenode <> 0
                                  AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid))
                """.formatted(oids))) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
