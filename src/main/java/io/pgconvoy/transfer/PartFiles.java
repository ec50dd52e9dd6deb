package io.pgconvoy.transfer;

import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.DurableFiles;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the parts of one database lie: {@code <table's oid>-<number>.copy.zst}.
 *
 * @param folder {@code <dump-root>/<database>/parts}
 */
public record PartFiles(Path folder) {
    private static final Logger log = LoggerFactory.getLogger(PartFiles.class);
    private static final String DATA = ".copy.zst";

    static String name(long tableOid, int number) {
        return tableOid + "-" + number + DATA;
    }

    /** A part's data: COPY's output, compressed. */
    public Path data(DumpedPart part) {
        return data(part.file());
    }

    private Path data(String file) {
        return folder.resolve(file);
    }

    Path data(long tableOid, int number) {
        return data(name(tableOid, number));
    }

    /** Makes the names of complete parts durable. */
    void sync() {
        try {
            DurableFiles.syncFolder(folder);
        } catch (IOException failure) {
            throw DumpRoot.unwritable(folder, failure);
        }
    }

    /** Deletes a file; a failure is only one more that the next run finds. */
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            log.debug("cannot delete {}", file, failure);
        }
    }
}
