package io.pgconvoy.transfer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A part's bytes as COPY wrote them, read from its file with a few hundred kilobytes of memory. Only the end of the
 * stream (a read that returns -1) says that they were the right ones: until then, whoever loads them must be able to
 * roll back. For one thread.
 *
 * <p>Every method that reads throws {@link PgconvoyException} with a {@link PartDamage} as its cause where the file is
 * not what was written.
 */
public final class PartReader extends InputStream {
    /** 8 MB: more than any part needs, so that a damaged header cannot ask for gigabytes. */
    private static final int MAXIMAL_WINDOW_LOG = 23;

    private final Path file;
    private final String table;
    private final DumpedPart part;
    private final InputStream stream;
    private final CRC32C checksum = new CRC32C();
    private long bytes;

    private PartReader(Path file, String table, DumpedPart part) throws IOException {
        this.file = file;
        this.table = table;
        this.part = part;
        if (!Files.exists(file)) {
            throw new IOException("it is missing");
        }
        // Not a channel's stream: an interrupted thread would close that, which would look like damage.
        FileInputStream raw = new FileInputStream(file.toFile());
        try {
            this.stream = new ZstdInputStreamNoFinalizer(raw).setLongMax(MAXIMAL_WINDOW_LOG);
        } catch (IOException | RuntimeException | Error failure) {
            raw.close();
            throw failure;
        }
    }

    /**
     * Opens a part's file.
     *
     * @param table the table's name for messages
     */
    public static PartReader open(PartFiles files, DumpedPart part, String table) {
        Path file = files.data(part);
        try {
            return new PartReader(file, table, part);
        } catch (IOException failure) {
            throw damaged(file, table, FileTrouble.reason(failure), failure);
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads some bytes.
     *
     * @return how many, or -1 at the end of a part whose number of bytes and checksum are those recorded
     */
    @Override
    public int read(byte[] buffer, int offset, int length) {
        int count;
        try {
            count = stream.read(buffer, offset, length);
        } catch (IOException failure) {
            throw damaged(file, table, FileTrouble.reason(failure), failure);
        }
        if (count < 0) {
            check();
            return -1;
        }
        bytes += count;
        checksum.update(buffer, offset, count);
        if (bytes > part.bytes()) {
            throw damaged(file, table, "it holds more than the " + part.bytes() + " bytes that were written", null);
        }
        return count;
    }

    private void check() {
        if (bytes != part.bytes()) {
            throw damaged(file, table, "it holds " + bytes + " of " + part.bytes() + " bytes", null);
        }
        if (checksum.getValue() != part.crc32c()) {
            throw damaged(file, table, "its checksum is wrong", null);
        }
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException nothingLost) {
            // It was only read.
        }
    }

    private static PgconvoyException damaged(Path file, String table, String reason, IOException cause) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the dumped part " + file + " of table " + table + " is damaged: " + reason,
                "Put back the file as it was written and run the same command again, or have --redo move the database anew.",
                new PartDamage(reason, cause));
    }
}
