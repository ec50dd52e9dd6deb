package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dumps deferred tables of the source in parts, several at once. Safe for use by many threads. */
public final class PartDump {
    private static final Logger log = LoggerFactory.getLogger(PartDump.class);

    private final Server source;
    private final int jobs;
    private final TransientRetry retry;

    /**
     * A part that waits for its turn.
     *
     * @param position among all parts of all tables, in the order of the result
     */
    private record Waiting(int position, DeferredTable table, int number, Optional<String> range) {}

    /** @param jobs the most parts at once for one database, each over a session of its own */
    public PartDump(Server source, int jobs) {
        this(source, jobs, new TransientRetry(source.cancellation(), log::warn));
    }

    private PartDump(Server source, int jobs, TransientRetry retry) {
        this.source = source;
        this.jobs = jobs;
        this.retry = retry;
    }

    /** The same that tells one database what was dumped again. */
    public PartDump with(TransientRetry database) {
        return new PartDump(source, jobs, database);
    }

    /** One of the sessions: after a failure a new one takes its place, in the same snapshot. */
    private final class Copies implements AutoCloseable {
        private final DatabaseName database;
        private final String encoding;
        private final SnapshotHolder holder;
        private final List<DeferredTable> tables;
        private final PartFiles files;
        private final LongConsumer onMore;
        private Optional<PartCopy> copy = Optional.empty();
        private Set<Long> locked = Set.of();

        Copies(
                DatabaseName database,
                String encoding,
                SnapshotHolder holder,
                List<DeferredTable> tables,
                PartFiles files,
                LongConsumer onMore) {
            this.database = database;
            this.encoding = encoding;
            this.holder = holder;
            this.tables = tables;
            this.files = files;
            this.onMore = onMore;
        }

        /** Has the tables locked by now, if it has not yet. */
        PartCopy begin() {
            if (copy.isEmpty()) {
                copy = Optional.of(new PartCopy(source, database, encoding));
                try {
                    locked = copy.get().begin(holder.snapshot(), tables);
                } catch (RuntimeException failure) {
                    close();
                    throw failure;
                }
            }
            return copy.get();
        }

        /** Dumps a part; empty where somebody waits for its table, so that the holder has to read it. */
        Optional<DumpedPart> dump(Waiting next) {
            return again(() -> {
                PartCopy own = begin();
                return locked.contains(next.table().oid())
                        ? Optional.of(recorded(
                                next, file -> own.copy(next.table(), next.number(), next.range(), file, onMore)))
                        : Optional.empty();
            });
        }

        DumpedPart dumpByHolder(Waiting next) {
            PartCopy own = begin();
            return recorded(next, file -> own.copy(holder, next.table(), next.number(), next.range(), file, onMore));
        }

        private DumpedPart recorded(Waiting next, Function<Path, DumpedPart> copying) {
            try {
                DumpedPart part = copying.apply(files.data(next.table().oid(), next.number()));
                files.sync();
                return part;
            } catch (OutOfMemoryError tooLarge) {
                // The driver takes a row as a whole.
                throw new PgconvoyException(
                        ErrorKind.SOURCE,
                        source.label() + ", database \"" + database + "\": table "
                                + next.table().label() + " has rows for which this process has too little memory",
                        "Lower --dump-jobs, or allow for more memory: PGCONVOY_JAVA_OPTS=-Xmx4g, say.",
                        tooLarge);
            }
        }

        /** Where the snapshot is gone, the new session fails for another reason, which does not pass. */
        <T> T again(Supplier<T> what) {
            return retry.run("dump of parts", () -> {
                try {
                    return what.get();
                } catch (PgconvoyException failure) {
                    close();
                    throw failure;
                }
            });
        }

        @Override
        public void close() {
            copy.ifPresent(PartCopy::close);
            copy = Optional.empty();
        }
    }

    /**
     * Dumps tables, the largest first. Each session locks all of them at once; the parts of a table that somebody waits for
     * by then are read in the holder's own session, one at a time.
     *
     * @param fullSpeed until it is open, one part is dumped at a time
     * @param encoding the database's own
     * @param holder of the snapshot to read in, and of locks on the tables
     * @param folder of the database's parts; made if need be
     * @param onBytes told how many bytes were copied so far, before compression; by several threads
     * @return the parts, by table in the order given, then by number; all of them complete on disk
     * @throws PgconvoyException of kind SOURCE when the server fails, of kind JOURNAL when the folder cannot be written,
     *     of kind INTERRUPTED once cancelled; then some of the parts are complete, which without the others is no use
     */
    public List<DumpedPart> dump(
            DatabaseName database,
            String encoding,
            SnapshotHolder holder,
            List<PlannedTable> tables,
            Path folder,
            CountDownLatch fullSpeed,
            LongConsumer onBytes) {
        PartFiles files = new PartFiles(folder);
        DumpRoot.createFolder(files.folder());
        if (tables.isEmpty()) {
            return List.of();
        }
        Queue<Waiting> queue = queue(tables);
        ConcurrentSkipListMap<Integer, DumpedPart> parts = new ConcurrentSkipListMap<>();
        AtomicLong bytes = new AtomicLong();
        LongConsumer onMore = more -> onBytes.accept(bytes.addAndGet(more));
        AtomicBoolean first = new AtomicBoolean(true);
        Queue<Waiting> forHolder = new ConcurrentLinkedQueue<>();
        List<DeferredTable> all = tables.stream().map(PlannedTable::table).toList();
        Tasks.inParallel("dump-" + database, Math.min(jobs, queue.size()), source.cancellation(), () -> {
            try (Copies copies = new Copies(database, encoding, holder, all, files, onMore)) {
                copies.again(copies::begin);
                if (!first.getAndSet(false)) {
                    await(fullSpeed, queue);
                }
                for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
                    Optional<DumpedPart> part = copies.dump(next);
                    if (part.isPresent()) {
                        parts.put(next.position(), part.get());
                    } else {
                        forHolder.add(next);
                    }
                }
                for (Waiting next = forHolder.poll(); next != null; next = forHolder.poll()) {
                    parts.put(next.position(), copies.dumpByHolder(next));
                }
            }
        });
        return List.copyOf(parts.values());
    }

    /**
     * Dumps a part again whose file was found damaged. The snapshot it came from is gone, so the present rows will do only
     * if they are the same.
     *
     * @return whether the file is again as it was recorded; if not, it is untouched
     * @throws PgconvoyException of kind SOURCE, JOURNAL or INTERRUPTED, as {@link #dump}
     */
    public boolean dumpAgain(
            DatabaseName database, String encoding, DeferredTable table, DumpedPart part, Path folder) {
        PartFiles files = new PartFiles(folder);
        DumpRoot.createFolder(files.folder());
        Path file = files.data(part);
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (PartCopy copy = new PartCopy(source, database, encoding)) {
            copy.begin();
            DumpedPart again = copy.copy(table, part.number(), part.range(), temporary, more -> {});
            if (!again.equals(part)) {
                log.info("part {} of table {} is no longer the same on the source", part.number(), table.label());
                return false;
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            files.sync();
            return true;
        } catch (SqlFailure failure) {
            if (SqlState.isUnknownName(failure)) {
                log.info("table {} is no longer the same on the source", table.label());
                return false;
            }
            throw failure;
        } catch (IOException failure) {
            throw DumpRoot.unwritable(file, failure);
        } finally {
            PartFiles.delete(temporary);
        }
    }

    private void await(CountDownLatch fullSpeed, Queue<Waiting> queue) {
        source.cancellation().await(() -> {
            while (!fullSpeed.await(100, TimeUnit.MILLISECONDS) && !queue.isEmpty()) {
                source.cancellation().check();
            }
        });
    }

    private static Queue<Waiting> queue(List<PlannedTable> tables) {
        List<Waiting> all = new ArrayList<>();
        for (PlannedTable planned : tables) {
            List<Optional<String>> ranges = planned.ranges().isEmpty()
                    ? List.of(Optional.empty())
                    : planned.ranges().stream().map(Optional::of).toList();
            for (int i = 0; i < ranges.size(); i++) {
                all.add(new Waiting(all.size(), planned.table(), i + 1, ranges.get(i)));
            }
        }
        all.sort(Comparator.comparingLong((Waiting part) -> part.table().bytes())
                .reversed()
                .thenComparing(Waiting::position));
        return new ConcurrentLinkedQueue<>(all);
    }
}
