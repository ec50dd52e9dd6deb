package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.verify.rows.CountBatches;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** Gathers the planner's statistics of a restored database, several tables at once, big ones first. */
public record Analyzer(ServerPools pools, int jobs, Cancellation cancellation) {
    /**
     * Analyzes every table and materialized view.
     *
     * @param done those that are analyzed already, by quoted names
     * @param onAnalyzed told how many are done so far
     * @return a warning for each that could not be analyzed
     */
    public List<String> analyze(
            DatabaseName database, Set<String> done, TransientRetry retry, LongConsumer onAnalyzed) {
        return analyze(
                database,
                "true",
                "CASE WHEN c.relkind <> 'p' THEN pg_relation_size(c.oid) ELSE -1 END",
                done,
                retry,
                onAnalyzed);
    }

    /** Analyzes deferred tables, and the tables whose partitions or heirs they are. */
    public List<String> analyze(
            DatabaseName database, List<DeferredTable> deferred, TransientRetry retry, LongConsumer onAnalyzed) {
        String named = deferred.stream()
                .map(table -> "(" + Sql.literal(table.schema()) + ", " + Sql.literal(table.name()) + ")")
                .collect(Collectors.joining(", "));
        String condition = """
                c.oid IN (
                  WITH RECURSIVE up (oid) AS (
                    SELECT t.oid FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
                     WHERE (s.nspname::text, t.relname::text) IN (VALUES %s)
                    UNION SELECT i.inhparent FROM pg_inherits i JOIN up ON i.inhrelid = up.oid
                  ) SELECT oid FROM up)
                """.formatted(named);
        // Clients are at work, and a table that one of them has locked does not tell its size.
        return analyze(database, condition, "-1", Set.of(), retry, onAnalyzed);
    }

    private List<String> analyze(
            DatabaseName database,
            String condition,
            String bytes,
            Set<String> already,
            TransientRetry retry,
            LongConsumer onAnalyzed) {
        try (SessionPool pool = pools.sessions(database, jobs)) {
            List<Table> tables = retry.run("ANALYZE", () -> tables(pool, condition, bytes)).stream()
                    .filter(table -> !already.contains(table.name()))
                    .toList();
            Queue<String> warnings = new ConcurrentLinkedQueue<>();
            AtomicInteger done = new AtomicInteger();
            // Small ones one after the other: another session would cost more than they do.
            List<List<Integer>> batches = CountBatches.of(
                    tables.stream().map(Table::bytes).toList(),
                    number -> tables.get(number).bytes() < 0);
            Tasks.forEach(
                    "analyze-" + database,
                    jobs,
                    cancellation,
                    batches,
                    batch -> batch.forEach(number -> {
                        analyzeTable(pool, tables.get(number).name(), retry).ifPresent(warnings::add);
                        onAnalyzed.accept(done.incrementAndGet());
                    }));
            return List.copyOf(warnings);
        }
    }

    /** Returns why it could not be. */
    private Optional<String> analyzeTable(SessionPool pool, String table, TransientRetry retry) {
        try {
            return retry.run("ANALYZE " + table, () -> {
                try (Session session = pool.session("ANALYZE " + table)) {
                    UserRows.analyze(session, table);
                    return Optional.empty();
                }
            });
        } catch (PgconvoyException failure) {
            cancellation.check();
            // Statistics can be gathered later; a function in an index expression that fails must not fail the move.
            return Optional.of(failure.getMessage());
        }
    }

    /**
     * To be analyzed.
     *
     * @param name quoted
     * @param bytes -1 where that is not known, or in its partitions
     */
    private record Table(String name, long bytes) {}

    private static List<Table> tables(SessionPool pool, String condition, String bytes) {
        // A partitioned parent's ANALYZE takes its partitions along; before 10 there are none.
        String roots = pool.server().version().isAtLeast(ServerVersion.V10) ? "NOT c.relispartition" : "true";
        try (Session session = pool.session("listing tables")) {
            return session.list(
                    """
                    SELECT n.nspname, c.relname, %s AS bytes
                      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND %s AND %s
                       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                     ORDER BY bytes DESC, c.relpages DESC, 1, 2
                    """.formatted(bytes, roots, condition),
                    row -> new Table(Sql.qualified(row.getString(1), row.getString(2)), row.getLong(3)));
        }
    }
}
