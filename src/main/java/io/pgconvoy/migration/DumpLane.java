package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.Span;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.report.Phase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** The source's side of one database: archive and counts, both as one snapshot sees them. */
final class DumpLane {
    private final Workshop shop;
    private final DatabaseProperties database;
    private final DatabaseJournal journal;
    private final DatabaseProgress progress;

    DumpLane(Workshop shop, DatabaseProperties database, DatabaseJournal journal, DatabaseProgress progress) {
        this.shop = shop;
        this.database = database;
        this.journal = journal;
        this.progress = progress;
    }

    /** The dump that is complete already, if its archive is there or no longer needed. */
    Optional<Markers.Dumped> complete() {
        return journal.read(Step.DUMPED)
                // A database of the same name that was made anew on the source is another one.
                .filter(marker -> marker.databaseOid() == database.oid())
                .filter(marker -> shop.archives().exists(database.name())
                        || shop.targetDatabases().isRestored(database.name(), journal));
    }

    /**
     * Dumps and counts; on return the marker is on disk. What a failure leaves is deleted: nothing goes on
     * from half an archive, and where the disk is full the other dumps need its room.
     */
    Markers.Dumped run() {
        try {
            return dumpAndCount();
        } catch (RuntimeException failure) {
            try {
                shop.archives().delete(database.name());
            } catch (RuntimeException undeleted) {
                // The next run deletes it.
                failure.addSuppressed(undeleted);
            }
            throw failure;
        }
    }

    private Markers.Dumped dumpAndCount() {
        DatabaseName name = database.name();
        // What was made of an older dump does not belong to this one.
        journal.deleteAfterCreation();
        journal.delete(Step.DUMPED);
        Path archive = shop.archives().prepare(name);
        try (SnapshotHolder holder = SnapshotHolder.open(shop.source(), name)) {
            Span dump = dump(archive, holder);
            Span count;
            List<TableRows> rows;
            try (var phase = progress.begin(Phase.COUNT_SOURCE)) {
                rows = shop.sourceRows()
                        .read(name, Optional.of(holder.snapshot()), phase.progress(Optional.empty(), "tables"));
                count = phase.span();
            }
            boolean publicSchema = hasPublicSchema(holder);
            holder.confirm();
            Markers.Dumped marker = new Markers.Dumped(
                    name.value(),
                    database.oid(),
                    archive.toString(),
                    shop.archives().bytes(name),
                    dump,
                    count,
                    shop.config().fastVerify(),
                    publicSchema,
                    rows);
            journal.write(Step.DUMPED, marker);
            return marker;
        }
    }

    private Span dump(Path archive, SnapshotHolder holder) {
        try (var phase = progress.begin(Phase.DUMP)) {
            LongConsumer bytes = phase.progress(Optional.empty(), "bytes");
            try (var watch =
                    shop.poller().watch(() -> bytes.accept(shop.archives().bytes(database.name())))) {
                shop.pgDump()
                        .dump(
                                database.name(),
                                holder.snapshot(),
                                archive,
                                shop.parallelism().dumpJobs(),
                                shop.cancellation());
            }
            return phase.span();
        }
    }

    private boolean hasPublicSchema(SnapshotHolder holder) {
        try {
            return TableCatalog.hasPublicSchema(holder.connection());
        } catch (SQLException failure) {
            throw shop.source().failure(database.name(), "looking for the schema public", failure);
        }
    }
}
