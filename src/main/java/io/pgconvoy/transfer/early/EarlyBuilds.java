package io.pgconvoy.transfer.early;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import io.pgconvoy.postgres.tools.RestoreError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is built on tables whose rows are in while those of others are still on their way: first a table's keys, then its
 * indexes, several at once, then the planner's statistics. What has not begun by the time that all rows are in is left to
 * who restores the rest. Safe for use by many threads.
 */
public final class EarlyBuilds {
    private static final Logger log = LoggerFactory.getLogger(EarlyBuilds.class);

    private final Function<List<TocEntry>, List<RestoreError>> pgRestore;
    private final boolean analyze;
    private final Map<Long, Pending> tables = new HashMap<>();
    private final PriorityQueue<Build> ready =
            new PriorityQueue<>(Comparator.comparingLong((Build build) -> -build.of.table.bytes()));
    private final Set<TocEntry> begun = new HashSet<>();
    private final List<RestoreError> errors = new ArrayList<>();
    private final Set<String> analyzed = new HashSet<>();
    private int copying;

    /** What is to come of one table. */
    private static final class Pending {
        private final DeferredTable table;
        private final Deque<List<List<TocEntry>>> stages = new ArrayDeque<>();
        private final boolean analyzable;
        private int atWork;

        Pending(TableIndexes indexes, ArchiveToc toc) {
            this.table = indexes.table();
            this.analyzable = indexes.analyzable();
            // Each takes a lock that excludes the others.
            List<TocEntry> keys = Stream.concat(
                            entries(toc, TocEntry.CONSTRAINT, indexes.constraints()),
                            entries(toc, TocEntry.STATISTICS, indexes.statistics()))
                    .toList();
            if (!keys.isEmpty()) {
                stages.add(List.of(keys));
            }
            List<List<TocEntry>> others = entries(toc, TocEntry.RELATION, indexes.indexes())
                    .map(List::of)
                    .toList();
            if (!others.isEmpty()) {
                stages.add(others);
            }
        }
    }

    /** To be done in one go. */
    private record Build(Pending of, List<TocEntry> entries) {}

    /**
     * @param tables those that are worth it
     * @param toc of the archive; what it does not hold, since an extension makes it, say, is not built
     * @param analyze whether statistics are wanted
     * @param pgRestore restores some entries over one session
     */
    public EarlyBuilds(
            List<TableIndexes> tables,
            ArchiveToc toc,
            boolean analyze,
            Function<List<TocEntry>, List<RestoreError>> pgRestore) {
        this.pgRestore = pgRestore;
        this.analyze = analyze;
        tables.forEach(one -> this.tables.put(one.table().oid(), new Pending(one, toc)));
    }

    private static Stream<TocEntry> entries(ArchiveToc toc, long catalog, List<Long> oids) {
        return oids.stream().flatMap(oid -> toc.find(catalog, oid).stream());
    }

    /** To be called before the first table: so many are copied. */
    public synchronized void begin(int number) {
        copying = number;
    }

    /**
     * To be called when a table is through.
     *
     * @param table its OID on the source
     * @param complete whether it has all of its rows
     */
    public synchronized void through(long table, boolean complete) {
        copying--;
        if (complete && tables.containsKey(table)) {
            nextStage(tables.get(table));
        }
        notifyAll();
    }

    private void nextStage(Pending table) {
        List<List<TocEntry>> stage = table.stages.poll();
        if (stage != null) {
            table.atWork = stage.size();
            stage.forEach(entries -> ready.add(new Build(table, entries)));
        } else if (analyze && table.analyzable) {
            ready.add(new Build(table, List.of()));
        }
        notifyAll();
    }

    /**
     * Does what can be done now, that of the largest table first.
     *
     * @param sessions on the target; a build takes the place of one of these
     */
    public void ready(SessionPool sessions) {
        for (Optional<Build> next = next(); next.isPresent(); next = next()) {
            run(next.get(), sessions);
        }
    }

    /** Does what can be done until all tables are through, waiting for it. */
    public void rest(SessionPool sessions) {
        for (Optional<Build> next = await(sessions); next.isPresent(); next = await(sessions)) {
            run(next.get(), sessions);
        }
    }

    private synchronized Optional<Build> await(SessionPool sessions) {
        while (copying > 0 && ready.isEmpty()) {
            sessions.server().cancellation().await(this::wait);
        }
        return next();
    }

    private synchronized Optional<Build> next() {
        Optional<Build> next = copying > 0 ? Optional.ofNullable(ready.poll()) : Optional.empty();
        next.ifPresent(build -> begun.addAll(build.entries));
        return next;
    }

    private void run(Build build, SessionPool sessions) {
        if (build.entries.isEmpty()) {
            analyze(build.of.table, sessions);
            return;
        }
        List<RestoreError> failed = sessions.instead(() -> pgRestore.apply(build.entries));
        synchronized (this) {
            errors.addAll(failed);
            build.of.atWork--;
            if (build.of.atWork == 0) {
                nextStage(build.of);
            }
        }
    }

    private void analyze(DeferredTable table, SessionPool sessions) {
        String name = Sql.qualified(table.schema(), table.name());
        try (Session session = sessions.session("ANALYZE " + name)) {
            UserRows.analyze(session, name);
            synchronized (this) {
                analyzed.add(name);
            }
        } catch (PgconvoyException failure) {
            sessions.server().cancellation().check();
            // It is analyzed once more with the others; then it is said.
            log.debug("ANALYZE {}", name, failure);
        }
    }

    /** Those of some entries that are not built here. */
    public synchronized List<TocEntry> without(Collection<TocEntry> entries) {
        return entries.stream().filter(entry -> !begun.contains(entry)).toList();
    }

    /** What pg_restore went on from. */
    public synchronized List<RestoreError> errors() {
        return List.copyOf(errors);
    }

    /** The tables, by quoted names, that need not be analyzed any more. */
    public synchronized Set<String> analyzed() {
        return Set.copyOf(analyzed);
    }
}
