package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.DeferralMarkers.Deferred;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.ArchiveSums;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.DumpDamage;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.model.Phase;
import io.pgconvoy.model.Span;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Daemon;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.Attempts;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.postgres.tools.ExcludedData;
import io.pgconvoy.report.Event;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.rows.TableChanges;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;

/** The source's side of one database: archive and counts, both as one snapshot sees them. */
public record DumpLane(Run run, DatabaseProperties database, DatabaseJournal journal, DatabaseProgress progress) {
    private static final int PARALLEL_ATTEMPTS = 3;

    /** pg_dump does not tell how far it is. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /**
     * A dump without the deferred tables' data.
     *
     * @param parts what is still to be dumped, in the same snapshot; the caller runs and closes it
     * @param stream the rows that are not in the archive, in the same snapshot; the caller closes it
     */
    public record Dump(Markers.Dumped marker, Optional<PartsLane> parts, Optional<StreamLane> stream) {
        /** One that is complete. */
        public Dump(Markers.Dumped marker) {
            this(marker, Optional.empty(), Optional.empty());
        }

        /** One that lacks the deferred tables. */
        Dump(Markers.Dumped marker, PartsLane parts) {
            this(marker, Optional.of(parts), Optional.empty());
        }
    }

    /** The dump that is complete already, if its archive is there or no longer needed. */
    public Optional<Markers.Dumped> complete() {
        boolean deferred = journal.read(Step.DEFERRED).isPresent();
        // The archive of a database with deferred tables is needed until their indexes are built.
        boolean archiveIsNeeded =
                deferred && journal.read(Step.DEFERRED_VERIFIED).isEmpty();
        if (journal.read(Step.DUMP_AGAIN).filter(this::isToBeDumpedAgain).isPresent()) {
            return Optional.empty();
        }
        return journal.read(Step.DUMPED)
                // What was deferred must not be forgotten with its marker.
                .filter(marker -> deferred || marker.transactions().isEmpty())
                // A database of the same name that was made anew on the source is another one.
                .filter(marker -> marker.databaseOid() == database.oid())
                .filter(marker -> !deferred || journal.read(Step.PARTS_DUMPED).isPresent())
                .filter(marker -> InventoryCheck.isPossible(journal))
                .filter(marker -> (isWhole(marker) && marker.streamed().isEmpty())
                        || (!archiveIsNeeded && run.targetDatabases().isRestored(database.name(), journal)));
    }

    /** Errors that are allowed by now need no other dump. */
    private boolean isToBeDumpedAgain(Markers.DumpAgain failed) {
        return !failed.allowable() || !run.config().allowRestoreErrors();
    }

    /** Whether the archive is there with all its files, as far as that can be told without reading them. */
    boolean isWhole(Markers.Dumped marker) {
        return run.archives().exists(database.name())
                && marker.files()
                        .flatMap(files -> ArchiveSums.otherSize(run.archives().archive(database.name()), files))
                        .isEmpty();
    }

    /** Why the database is dumped again though there is a dump of it; empty where there is none. */
    public Optional<String> whyAgain() {
        Optional<Markers.DumpAgain> failed = journal.read(Step.DUMP_AGAIN).filter(this::isToBeDumpedAgain);
        if (failed.isPresent()) {
            return Optional.of("since its restore failed over what the dump holds");
        }
        Optional<Markers.Dumped> dumped =
                journal.read(Step.DUMPED).filter(marker -> marker.databaseOid() == database.oid());
        if (dumped.filter(marker -> marker.streamed().isPresent()).isPresent()) {
            return Optional.of("since the snapshot ended in which its rows were read");
        }
        return dumped.filter(marker -> !isWhole(marker))
                .map(marker -> run.archives().exists(database.name())
                        ? "since its dump is damaged: "
                                + ArchiveSums.otherSize(
                                                run.archives().archive(database.name()),
                                                marker.files().orElseThrow())
                                        .orElse("")
                        : "since its dump is gone from " + marker.archive());
    }

    /**
     * Dumps and counts; on return the marker is on disk. What a failure leaves is deleted: nothing goes on
     * from half an archive, and where the disk is full the other dumps need its room.
     *
     * @param damage of the dump that is there, found by who read it
     */
    public Dump run(Optional<DumpDamage> damage) {
        return progress.retry().run("dump", () -> once(damage));
    }

    private Dump once(Optional<DumpDamage> damage) {
        Optional<Dump> partsOnly =
                settled(attempt -> new SnapshotRecovery(run, database, journal, progress).recover(damage));
        if (partsOnly.isPresent()) {
            return partsOnly.get();
        }
        try {
            // The workers of a parallel pg_dump give up where somebody has come to wait for a table. One job has all
            // locks.
            return settled(attempt -> dumpAndCount(attempt <= PARALLEL_ATTEMPTS ? run.dumpJobs(database) : 1));
        } catch (RuntimeException failure) {
            try {
                run.archives().delete(database.name());
            } catch (RuntimeException undeleted) {
                // The next run deletes it.
                failure.addSuppressed(undeleted);
            }
            throw failure;
        }
    }

    /** Begins anew, with a new snapshot, where somebody alters tables at this moment; not for ever, and not unsaid. */
    private <T> T settled(IntFunction<T> what) {
        Attempts attempts = new Attempts(run.source());
        while (true) {
            try {
                return what.apply(attempts.number());
            } catch (UnsettledException moment) {
                attempts.next(
                        moment,
                        text -> run.events()
                                .publish(new Event.Message(
                                        Event.Level.WARNING,
                                        text + (attempts.number() > PARALLEL_ATTEMPTS ? ", by one job" : ""))),
                        run.cancellation());
            }
        }
    }

    /** What was made of an older dump does not belong to a new one. */
    public static void forget(DatabaseJournal journal) {
        journal.deleteAfterCreation();
        journal.delete(Step.PARTS_DUMPED);
        journal.delete(Step.DUMPED);
        journal.delete(Step.DUMP_AGAIN);
        journal.delete(Step.DEFERRED);
        InventoryCheck.forget(journal);
    }

    private Dump dumpAndCount(int jobs) {
        // While its marker is there, which says where it is.
        run.archives().delete(database.name());
        forget(journal);
        Path archive = run.archives().prepare(database.name());
        DeferredSnapshot.Found found = new DeferredSnapshot(run, database).take();
        SnapshotHolder holder = found.holder();
        boolean handedOver = false;
        try {
            Deferred deferred = found.deferred();
            if (!deferred.tables().isEmpty()) {
                journal.write(Step.DEFERRED, deferred);
            }
            Optional<StreamLane> stream = StreamLane.of(run, database, progress, holder);
            Markers.Dumped marker = dumpAndCount(archive, holder, deferred, stream, jobs);
            journal.write(Step.DUMPED, marker);
            if (deferred.tables().isEmpty()) {
                handedOver = stream.isPresent();
                return new Dump(marker, Optional.empty(), stream);
            }
            holder = DeferredSnapshot.narrowed(holder, deferred);
            Dump dump = new Dump(marker, new PartsLane(run, journal, progress, holder, deferred, found.tables()));
            handedOver = true;
            return dump;
        } catch (PgconvoyException failure) {
            throw lostSnapshot(holder, failure);
        } finally {
            if (!handedOver) {
                holder.close();
            }
        }
    }

    /** Whoever reads in a snapshot that is gone says something else; why it is gone may pass. */
    private PgconvoyException lostSnapshot(SnapshotHolder holder, PgconvoyException failure) {
        if (!run.cancellation().isCancelled() && PassingFailure.of(failure).isEmpty()) {
            try {
                holder.confirm();
            } catch (PgconvoyException lost) {
                lost.addSuppressed(failure);
                return lost;
            }
        }
        return failure;
    }

    private Markers.Dumped dumpAndCount(
            Path archive, SnapshotHolder holder, Deferred deferred, Optional<StreamLane> stream, int jobs) {
        DatabaseName name = database.name();
        // What is streamed or deferred is not in the archive.
        List<DeferredTable> elsewhere = stream.map(StreamLane::streamed).orElse(deferred.tables());
        InventoryCheck contents = new InventoryCheck(run, journal);
        Inventory before = contents.before(holder);
        ExcludedData without =
                excluded(elsewhere, stream.filter(StreamLane::hasLargeObjects).isPresent());
        Span dump = dump(archive, holder, without, stream.isPresent() ? 1 : jobs);
        contents.after(holder, before);
        Set<Long> later = new HashSet<>(deferred.materializedViews());
        elsewhere.forEach(table -> later.add(table.oid()));
        Span count;
        List<TableRows> rows;
        List<Markers.FileSum> files;
        Optional<Markers.LargeObjects> largeObjects;
        // Beside the counts, which read another disk, and while the system still has the files in memory.
        try (Tasks beside = Tasks.open("sum-" + name, run.cancellation());
                var phase = progress.begin(Phase.COUNT_SOURCE)) {
            Tasks.Task<List<Markers.FileSum>> sums =
                    beside.start("files", () -> ArchiveSums.of(archive, run.cancellation()));
            rows = run.sourceRows()
                    .read(
                            name,
                            Optional.of(holder),
                            table -> !later.contains(table.oid()),
                            phase.progress(Optional.empty(), "tables"));
            largeObjects = largeObjects(holder);
            count = phase.span();
            beside.join();
            files = sums.result();
        }
        boolean publicSchema = hasPublicSchema(holder);
        Optional<String> transactions = deferred.tables().isEmpty() ? Optional.empty() : Optional.of(moment(holder));
        holder.confirm();
        return new Markers.Dumped(
                name.value(),
                database.oid(),
                archive.toString(),
                run.archives().bytes(name),
                dump,
                count,
                run.config().verify(),
                publicSchema,
                rows,
                largeObjects,
                transactions,
                Optional.of(files),
                stream.map(lane -> lane.streamed().size()));
    }

    private Optional<Markers.LargeObjects> largeObjects(SnapshotHolder holder) {
        return run.sourceLargeObjects()
                .map(sums -> sums.read(database.name(), Optional.of(holder.snapshot())))
                .map(sum -> new Markers.LargeObjects(sum.number(), sum.checksum()));
    }

    private Span dump(Path archive, SnapshotHolder holder, ExcludedData without, int jobs) {
        try (var phase = progress.begin(Phase.DUMP)) {
            LongConsumer bytes = phase.progress(Optional.empty(), "bytes");
            try (var watch = Daemon.start("progress-" + database.name(), daemon -> {
                while (daemon.goesOn(LOOK)) {
                    bytes.accept(run.archives().bytes(database.name()));
                }
            })) {
                pgDump(archive, holder, without, jobs);
            }
            return phase.span();
        }
    }

    private void pgDump(Path archive, SnapshotHolder holder, ExcludedData without, int jobs) {
        DatabaseName name = database.name();
        // What it broke before is none of this dump's business.
        run.sourceLocks().brokeCircle(name.value());
        try {
            holder.whileHeld("its dump", () -> {
                run.pgDump().dump(name, holder.snapshot(), archive, jobs, without, run.cancellation());
                return archive;
            });
        } catch (UnsettledException | PgconvoyException failure) {
            if (!run.sourceLocks().brokeCircle(name.value())) {
                throw failure;
            }
            run.cancellation().check();
            throw new UnsettledException(new PgconvoyException(
                    ErrorKind.SOURCE,
                    run.source().label() + ", database \"" + name
                            + "\": somebody came to alter or truncate a table as its dump began",
                    "Run the same command again when tables are altered less often.",
                    failure));
        }
    }

    private ExcludedData excluded(List<DeferredTable> tables, boolean largeObjects) {
        return new ExcludedData(
                database.encoding(),
                tables.stream()
                        .map(table -> new ExcludedData.Table(table.schema(), table.name()))
                        .toList(),
                largeObjects);
    }

    private static String moment(SnapshotHolder holder) {
        return holder.within("asking for the transactions that have ended", TableChanges::now);
    }

    private static boolean hasPublicSchema(SnapshotHolder holder) {
        return holder.within("looking for the schema public", TableCatalog::hasPublicSchema);
    }
}
