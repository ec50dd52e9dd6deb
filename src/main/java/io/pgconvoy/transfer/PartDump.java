package io.pgconvoy.transfer;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.postgres.retry.TransientRetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dumps deferred tables of the source in parts, several at once, each into a file. Safe for use by many threads. */
public final class PartDump {
    private static final Logger log = LoggerFactory.getLogger(PartDump.class);

    private final Server source;
    private final int jobs;
    private final TransientRetry retry;

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

    /**
     * Dumps tables, as {@link PartReading} reads them.
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
        return new PartReading(source, database, encoding, retry, "dump of parts")
                .read(holder, tables, jobs, fullSpeed, onBytes, (part, rows) -> {
                    DumpedPart dumped = write(part, files.data(part.table().oid(), part.number()), rows);
                    files.sync();
                    return dumped;
                });
    }

    private static DumpedPart write(TablePart part, Path file, PartReading.Rows rows) {
        try (PartWriter writer = PartWriter.create(file)) {
            long number = rows.giveTo(writer::write);
            return writer.finish(part.table().oid(), part.number(), part.range(), number);
        }
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
            TablePart same = new TablePart(0, table, part.number(), part.range());
            DumpedPart again = write(same, temporary, taker -> copy.read(same, taker));
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
}
