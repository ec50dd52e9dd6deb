package io.pgconvoy.transfer;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredRows;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.PartsDumped;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.transfer.LoadEvidence.LoadedPart;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * Compares the deferred tables exactly, although clients have written to them while they were loaded.
 *
 * <p>How loaded rows are told apart from clients': every row carries the number of the transaction that wrote it (the
 * system column {@code xmin}), also after VACUUM has frozen it (since version 9.4), VACUUM FULL and CLUSTER. The
 * transactions of the load are known from {@link LoadEvidence}, where each part's line was written in the very
 * transaction that loaded the part. So a row is a loaded one, and as it was loaded, when its {@code xmin} is one of
 * those; everything else was written by clients.
 *
 * <p>How it is judged, for each table:
 *
 * <ol>
 *   <li>The rows of the parts in the evidence must add up to {@code count(*)} on the source, in the dump's snapshot.
 *   <li>As many rows of the load's transactions must be on the target. What is there besides is clients' own, however
 *       much it is.
 *   <li>Fewer may be there: a client that updates a loaded row replaces it by one of its own, one that deletes it
 *       removes it. The server counts updated and deleted rows of each table; where these are at least as many as are
 *       missing, clients may be the reason, and it is a warning with the numbers. The server's counts include updates of
 *       clients' own rows and those rolled back, so that this is no proof. Where they are fewer, it is a difference.
 *   <li>Where the source's checksum is known, and none of the loaded rows is missing, theirs must be the same.
 * </ol>
 *
 * <p>What else looks like a difference, since the server does not count it: a TRUNCATE, an ALTER TABLE that rewrites the
 * table (all rows then carry its number), and updates or deletes counted before the statistics were reset, which a crash
 * of the server does as well, or while {@code track_counts} was off.
 *
 * <p>Safe for use by many threads.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-system-columns.html">System Columns</a>
 */
public final class DeferredVerification {
    /** Computes the checksum of some rows of a table. */
    @FunctionalInterface
    public interface RowChecksum {
        /**
         * Computes it.
         *
         * @param session in a transaction, some settings of which it may change
         * @param condition on the rows of the table, which it may call {@code t}
         * @return how many rows these are, and their checksum
         */
        TableRows of(Session session, DeferredTable table, String condition);
    }

    /** Sessions tell the statistics of their updates with a delay: an idle one after 10 s since version 15. */
    private static final Duration STATISTICS_DELAY = Duration.ofSeconds(12);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final ServerPools pools;
    private final LoadEvidence evidence;
    private final RowChecksum checksums;
    private final int concurrency;
    private final Cancellation cancellation;
    private final Duration patience;

    /**
     * @param pools the target's
     * @param checksums used for tables of which the source's checksum is known
     * @param concurrency the most counting queries at once
     */
    public DeferredVerification(
            ServerPools pools,
            LoadEvidence evidence,
            RowChecksum checksums,
            int concurrency,
            Cancellation cancellation) {
        this(pools, evidence, checksums, concurrency, cancellation, STATISTICS_DELAY);
    }

    /** With another time to wait for the server's statistics. */
    DeferredVerification(
            ServerPools pools,
            LoadEvidence evidence,
            RowChecksum checksums,
            int concurrency,
            Cancellation cancellation,
            Duration patience) {
        this.pools = pools;
        this.evidence = evidence;
        this.checksums = checksums;
        this.concurrency = concurrency;
        this.cancellation = cancellation;
        this.patience = patience;
    }

    /**
     * What the comparison found.
     *
     * @param tables how many were compared
     * @param rows the source's rows in all
     * @param differences one line for each table that is not as it should be
     * @param warnings one line for each table of which clients seem to have changed loaded rows
     * @param notes one line for each table that holds rows of clients besides
     */
    public record Verdict(long tables, long rows, List<String> differences, List<String> warnings, List<String> notes) {
        public Verdict {
            differences = List.copyOf(differences);
            warnings = List.copyOf(warnings);
            notes = List.copyOf(notes);
        }
    }

    /** @param loaded rows of the load's transactions, as they were loaded */
    private record Counts(long all, long loaded) {}

    /** What is found, by many threads. */
    private record Findings(Queue<String> differences, Queue<String> warnings, Queue<String> notes) {
        Findings() {
            this(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
        }
    }

    /**
     * Counts and compares all deferred tables, also those of which nothing is loaded.
     *
     * @param onCounted told how many tables are done so far
     * @throws io.pgconvoy.config.PgconvoyException of kind TARGET when a query fails
     */
    public Verdict verify(DatabaseName database, Deferred deferred, PartsDumped dumped, LongConsumer onCounted) {
        Map<Long, DeferredRows> expected = new HashMap<>();
        dumped.rows().forEach(table -> expected.put(table.tableOid(), table));
        Map<Long, Long> evident = new HashMap<>();
        for (LoadedPart part : evidence.read(database)) {
            evident.merge(part.tableOid(), part.rows(), Long::sum);
        }
        List<DeferredTable> largestFirst = deferred.tables().stream()
                .sorted(Comparator.comparingLong(DeferredTable::bytes).reversed())
                .toList();
        Findings findings = new Findings();
        AtomicInteger done = new AtomicInteger();
        try (var pool = pools.sessions(database, concurrency)) {
            Tasks.forEach("verify-" + database, concurrency, cancellation, largestFirst, table -> {
                compare(
                        pool,
                        table,
                        expected.getOrDefault(table.oid(), new DeferredRows(table.oid(), 0, Optional.empty())),
                        evident.getOrDefault(table.oid(), 0L),
                        findings);
                onCounted.accept(done.incrementAndGet());
            });
        }
        return new Verdict(
                deferred.tables().size(),
                expected.values().stream().mapToLong(DeferredRows::rows).sum(),
                findings.differences().stream().sorted().toList(),
                findings.warnings().stream().sorted().toList(),
                findings.notes().stream().sorted().toList());
    }

    private void compare(SessionPool pool, DeferredTable table, DeferredRows source, long evident, Findings findings) {
        String name = "table " + table.label();
        long expected = source.rows();
        if (evident != expected) {
            findings.differences()
                    .add(name + " has " + expected + " rows on the source, of which " + evident + " were loaded");
            return;
        }
        try (Session session = pool.session("counting the rows of " + name)) {
            long oid = oid(session, table);
            if (oid == 0) {
                findings.differences().add(name + " is missing on the target");
                return;
            }
            Counts counts = count(session, table);
            long missing = expected - counts.loaded();
            long changed = missing <= 0 ? 0 : changed(session, oid, missing);
            if (missing < 0) {
                findings.differences()
                        .add(name + " has " + expected + " rows on the source, of which " + counts.loaded()
                                + " are on the target");
            } else if (missing > changed) {
                findings.differences()
                        .add(name + ": of " + expected + " loaded rows " + missing
                                + " are no longer on the target as they were loaded, and the server counts " + changed
                                + " updated or deleted rows");
            } else if (missing > 0) {
                findings.warnings()
                        .add(name + ": of " + expected + " loaded rows " + missing
                                + " are no longer as they were loaded: clients have updated or deleted rows (" + changed
                                + " times, as the server counts)"
                                + (source.checksum().isEmpty()
                                        ? ""
                                        : ", so that their contents could not be compared"));
            } else if (source.checksum().isPresent()) {
                compareContents(session, table, source, findings);
            }
            if (counts.all() > counts.loaded()) {
                findings.notes()
                        .add(name + ": besides " + counts.loaded() + " loaded rows it holds "
                                + (counts.all() - counts.loaded()) + " that clients have written");
            }
        }
    }

    /** Of all loaded rows: where one was changed since they were counted, there is nothing to compare. */
    private void compareContents(Session session, DeferredTable table, DeferredRows source, Findings findings) {
        String name = "table " + table.label();
        TableRows loaded = checksum(session, table);
        if (!loaded.rows().equals(Optional.of(source.rows()))) {
            findings.warnings()
                    .add(name + ": clients are changing loaded rows, so that their contents could not be compared");
        } else if (!loaded.checksum().equals(source.checksum())) {
            findings.differences()
                    .add(name + " has the same number of loaded rows, " + source.rows() + ", but other contents");
        }
    }

    private TableRows checksum(Session session, DeferredTable table) {
        // Nothing was loaded into a table without rows, and there may be no evidence of that.
        return session.rolledBack(transaction ->
                checksums.of(transaction, table, evidence.exists(transaction) ? isLoaded(table) : "false"));
    }

    /** Whether a row {@code t} is as the load wrote it. */
    private String isLoaded(DeferredTable table) {
        return "t.xmin IN (SELECT (transaction % 4294967296)::text::xid FROM " + evidence.all() + " WHERE table_oid = "
                + table.oid() + ")";
    }

    private static long oid(Session session, DeferredTable table) {
        String sql = """
                SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        return session.first(sql, row -> row.getLong(1), table.schema(), table.name())
                .orElse(0L);
    }

    /** By one query, so that both numbers are of one moment. */
    private Counts count(Session session, DeferredTable table) {
        return session.rolledBack(transaction -> {
            // ONLY, since the rows of an inheritance child are compared with the child.
            String rows = " FROM ONLY " + Sql.qualified(table.schema(), table.name()) + " AS t";
            String sql = "SELECT count(*), 0" + rows;
            if (evidence.exists(transaction)) {
                // xmin has no epoch. Its equality can be hashed, which is cheaper than any conversion of each row's.
                transaction.execute("SET LOCAL enable_nestloop = off");
                sql = "SELECT count(*), count(e.id)" + rows + """
                             LEFT JOIN (SELECT DISTINCT (transaction %% 4294967296)::text::xid AS id
                                          FROM %s WHERE table_oid = %d) AS e ON e.id = t.xmin
                            """.formatted(evidence.all(), table.oid());
            }
            return UserRows.list(transaction, sql, row -> new Counts(row.getLong(1), row.getLong(2)))
                    .get(0);
        });
    }

    /** How many rows clients have updated or deleted, as soon as the server counts enough of them. */
    private long changed(Session session, long oid, long enough) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            // A statement of its own each time: a transaction would go on seeing the same statistics.
            long changed = session.number(
                    "SELECT pg_stat_get_tuples_updated(o) + pg_stat_get_tuples_deleted(o) FROM (SELECT ?::oid) AS t (o)",
                    oid);
            if (changed >= enough || System.nanoTime() > deadline) {
                return changed;
            }
            cancellation.await(() -> Thread.sleep(PAUSE.toMillis()));
            cancellation.check();
        }
    }
}
