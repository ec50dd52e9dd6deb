package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTables;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.target.StreamedRows;
import io.pgconvoy.model.Phase;
import io.pgconvoy.plan.StreamChoice;
import io.pgconvoy.plan.TableParts;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.transfer.DeferredObjectReader;
import io.pgconvoy.transfer.DeferredTableReader;
import io.pgconvoy.transfer.PlannedTable;
import io.pgconvoy.transfer.TableStream;
import io.pgconvoy.transfer.TableStream.Copied;
import io.pgconvoy.transfer.early.EarlyBuilds;
import io.pgconvoy.transfer.early.TableIndexes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One database's rows on their way from the snapshot of its dump straight to the target. Closing it gives up the snapshot;
 * then nothing of what is loaded can be gone on with.
 */
public final class StreamLane implements StreamedRows, AutoCloseable {
    /** Parts of this size are enough for all workers to end at about the same time. */
    private static final ByteSize PART = ByteSize.ofMegabytes(256);

    /** From this size on, a table's indexes take longer than the 50 ms that a pg_restore of their own takes to begin. */
    private static final ByteSize WORTH_A_TOOL = ByteSize.ofMegabytes(128);

    /** From this size on, a table's foreign keys take longer than a session takes to begin. */
    private static final ByteSize WORTH_A_SESSION = ByteSize.ofMegabytes(32);

    private final Run run;
    private final DatabaseProperties database;
    private final DatabaseName name;
    private final DatabaseProgress progress;
    private final SnapshotHolder holder;
    private final Plan plan;

    /**
     * What is streamed.
     *
     * @param largeObjects the table with their contents
     * @param indexes of large tables
     * @param foreignKeys of large tables
     */
    private record Plan(
            List<PlannedTable> tables,
            Optional<PlannedTable> largeObjects,
            List<TableIndexes> indexes,
            List<DeferredForeignKey> foreignKeys) {
        /** Large objects last. */
        List<PlannedTable> copied() {
            return Stream.concat(tables.stream(), largeObjects.stream()).toList();
        }
    }

    private StreamLane(
            Run run, DatabaseProperties database, DatabaseProgress progress, SnapshotHolder holder, Plan plan) {
        this.run = run;
        this.database = database;
        this.name = database.name();
        this.progress = progress;
        this.holder = holder;
        this.plan = plan;
    }

    /**
     * Chooses the tables whose rows are streamed.
     *
     * @param holder opened with all tables locked; belongs to the lane, if there is one
     * @return empty where the database goes by its archive alone
     */
    static Optional<StreamLane> of(
            Run run, DatabaseProperties database, DatabaseProgress progress, SnapshotHolder holder) {
        if (!StreamChoice.isStreamed(run.config(), database)) {
            return Optional.empty();
        }
        Plan plan = holder.within("choosing the tables to stream", session -> plan(run, session));
        return plan.copied().isEmpty()
                ? Optional.empty()
                : Optional.of(new StreamLane(run, database, progress, holder, plan));
    }

    private static Plan plan(Run run, Session session) {
        List<DeferrableTable> tables = DeferrableTables.list(session);
        ByteSize total =
                new ByteSize(tables.stream().mapToLong(DeferrableTable::bytes).sum());
        // Before 14 a part of a table is found by its key, which costs as much as reading a good deal of it.
        ByteSize most = session.version().isAtLeast(ServerVersion.V14)
                ? PART
                : run.config().deferral().partSize();
        ByteSize size = TableParts.size(most, total, jobs(run));
        List<PlannedTable> planned = DeferredTableReader.read(
                session, tables.stream().map(DeferrableTable::oid).toList(), size);
        Optional<PlannedTable> largeObjects =
                run.managed() ? Optional.empty() : LargeObjects.plan(session, run.target(), size, jobs(run));
        // On a single table nothing can be built while others are copied.
        boolean several = planned.size() > 1 || largeObjects.isPresent();
        return new Plan(
                planned,
                largeObjects,
                several ? TableIndexes.read(session, larger(planned, WORTH_A_TOOL)) : List.of(),
                // No triggers may fire for them, which takes a superuser.
                run.managed() ? List.of() : foreignKeys(session, larger(planned, WORTH_A_SESSION)));
    }

    private static List<DeferredTable> larger(List<PlannedTable> tables, ByteSize size) {
        return tables.stream()
                .map(PlannedTable::table)
                .filter(table -> table.bytes() >= size.bytes())
                .toList();
    }

    private static List<DeferredForeignKey> foreignKeys(Session session, List<DeferredTable> large) {
        if (large.size() < 2) {
            return List.of();
        }
        List<DeferredForeignKey> keys = DeferredObjectReader.foreignKeys(session, large);
        long tables = keys.stream()
                .map(key -> List.of(key.schema(), key.table()))
                .distinct()
                .count();
        return tables > 1 ? keys : List.of();
    }

    /** Each takes a session on both sides. */
    private static int jobs(Run run) {
        return Math.min(run.parallelism().dumpJobs(), run.parallelism().restoreJobs());
    }

    /** The tables of which the archive holds no rows. */
    List<DeferredTable> streamed() {
        return plan.tables.stream().map(PlannedTable::table).toList();
    }

    /** Whether the archive holds no large objects either. */
    boolean hasLargeObjects() {
        return plan.largeObjects.isPresent();
    }

    @Override
    public Set<Long> tables() {
        return streamed().stream().map(DeferredTable::oid).collect(Collectors.toSet());
    }

    @Override
    public boolean isThere() {
        try {
            holder.confirm();
            return true;
        } catch (PgconvoyException gone) {
            return false;
        }
    }

    @Override
    public List<TableIndexes> indexes() {
        return plan.indexes;
    }

    @Override
    public List<DeferredForeignKey> foreignKeys() {
        return plan.foreignKeys;
    }

    @Override
    public Loaded load(EarlyBuilds builds) {
        try (var phase = progress.begin(Phase.STREAM);
                Tasks beside = Tasks.open("count-streamed-" + name, run.cancellation())) {
            Tasks.Task<Map<List<String>, TableRows>> counts = beside.start("rows", () -> count(toCount()));
            if (hasLargeObjects()) {
                LargeObjects.create(holder, run.target(), name);
            }
            List<PlannedTable> all = plan.copied();
            List<Copied> copied = holder.whileHeld(
                    "the copy of its tables",
                    () -> new TableStream(run.source(), run.targetPools(), name, database.encoding(), progress.retry())
                            .copy(
                                    holder,
                                    all,
                                    jobs(run),
                                    builds,
                                    phase.progress(Optional.of((long) all.size()), "tables")));
            List<Copied> tables = copied.subList(0, plan.tables.size());
            beside.join();
            Map<List<String>, TableRows> counted = new HashMap<>(counts.result());
            counted.putAll(count(refused(tables)));
            copied.subList(tables.size(), copied.size()).forEach(this::compareLargeObjects);
            holder.confirm();
            return new Loaded(
                    tables.stream().map(one -> rows(one, counted)).toList(),
                    copied.stream().flatMap(one -> error(one).stream()).toList());
        } catch (RuntimeException failure) {
            throw SnapshotRecovery.lost(run, holder, failure);
        }
    }

    /** No count of tables has theirs. */
    private void compareLargeObjects(Copied copied) {
        if (copied.failure().isEmpty() && run.config().verify().counts()) {
            long rows = holder.within("counting pages of large objects", LargeObjects::pages);
            PartsLane.compare(run, name, copied.planned().table(), rows, copied.rows());
        }
    }

    /** Of what COPY does not tell enough: of parts, whether they are all of the table; checksums; estimates. */
    private List<PlannedTable> toCount() {
        return plan.tables.stream()
                .filter(planned -> run.config().verify() != VerifyLevel.COUNT
                        || !planned.ranges().isEmpty())
                .toList();
    }

    private static List<PlannedTable> refused(List<Copied> copied) {
        return copied.stream()
                .filter(one -> one.failure().isPresent())
                .map(Copied::planned)
                .toList();
    }

    /** By schema and table. */
    private Map<List<String>, TableRows> count(List<PlannedTable> some) {
        Set<Long> oids = some.stream().map(planned -> planned.table().oid()).collect(Collectors.toSet());
        if (oids.isEmpty()) {
            return Map.of();
        }
        return run
                .sourceRows()
                .read(name, Optional.of(holder), table -> oids.contains(table.oid()), done -> {})
                .stream()
                .collect(Collectors.toMap(rows -> List.of(rows.schema(), rows.table()), Function.identity()));
    }

    /** How many rows a table has on the source: as many as were read, and were counted where it was read in parts. */
    private TableRows rows(Copied copied, Map<List<String>, TableRows> counted) {
        DeferredTable table = copied.planned().table();
        Optional<TableRows> known = Optional.ofNullable(counted.get(List.of(table.schema(), table.name())));
        if (copied.failure().isEmpty() && run.config().verify().counts()) {
            known.flatMap(TableRows::rows).ifPresent(rows -> PartsLane.compare(run, name, table, rows, copied.rows()));
        }
        return known.orElseGet(
                () -> new TableRows(table.schema(), table.name(), Optional.empty(), Optional.of(copied.rows())));
    }

    private static Optional<RestoreError> error(Copied copied) {
        DeferredTable table = copied.planned().table();
        return copied.failure()
                .map(failure -> new RestoreError(
                        "TABLE DATA " + table.schema() + " " + table.name() + " -", failure.words(), ""));
    }

    @Override
    public void close() {
        holder.close();
    }
}
