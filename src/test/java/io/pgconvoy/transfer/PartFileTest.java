package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written into a part's file is what is read from it, or it is refused. */
class PartFileTest {
    private static final String TABLE = "public.huge";

    @TempDir
    private Path folder;

    private PartFiles files;

    @BeforeEach
    void makeFolder() {
        files = new PartFiles(folder.resolve("parts"));
        DumpRoot.createFolder(files.folder());
    }

    @Test
    void readsWhatWasWrittenInRowsOfAnySize() {
        Random random = new Random(1);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        DumpedPart part;
        try (PartWriter writer = PartWriter.create(files.data(16400, 2))) {
            for (int size : new int[] {0, 1, 10, 262_143, 2, 262_144, 262_145, 5, 3_000_000, 100}) {
                byte[] row = new byte[size];
                random.nextBytes(row);
                writer.write(row);
                expected.writeBytes(row);
            }
            part = writer.finish(16400, 2, Optional.of("id < 7"), 10);
        }

        CRC32C checksum = new CRC32C();
        checksum.update(expected.toByteArray());
        assertThat(part)
                .isEqualTo(new DumpedPart(
                        16400, 2, "16400-2.copy.zst", Optional.of("id < 7"), 10, expected.size(), checksum.getValue()));
        assertThat(read(part)).isEqualTo(expected.toByteArray());
    }

    @Test
    void knowsAnEmptyPart() {
        DumpedPart part = write(new byte[0]);

        assertThat(read(part)).isEmpty();
    }

    @Test
    void leavesNoFileThatIsNotComplete() {
        try (PartWriter writer = PartWriter.create(files.data(16400, 1))) {
            writer.write(new byte[1_000_000]);
        }

        assertThat(files.folder()).isEmptyDirectory();
    }

    @Test
    void refusesAMissingFile() throws Exception {
        DumpedPart part = write(noise(1000));
        Files.delete(files.data(part));

        assertRefused(part, "missing");
    }

    @Test
    void refusesATruncatedFileWhereverItEnds() throws Exception {
        DumpedPart part = write(noise(1_000_000));
        byte[] whole = Files.readAllBytes(files.data(part));
        for (int length : new int[] {0, 1, 5, 100, whole.length / 2, whole.length - 1}) {
            Files.write(files.data(part), Arrays.copyOf(whole, length));

            assertRefused(part, "");
        }
    }

    @Test
    void refusesAFileWithOneOtherByteWhereverItIs() throws Exception {
        DumpedPart part = write(noise(400_000));
        byte[] whole = Files.readAllBytes(files.data(part));
        for (int at = 0; at < whole.length; at += whole.length / 50) {
            byte[] altered = whole.clone();
            altered[at] ^= 0x10;
            Files.write(files.data(part), altered);

            assertRefused(part, "");
        }
    }

    @Test
    void refusesBytesBehindTheEnd() throws Exception {
        DumpedPart part = write(noise(1000));
        byte[] whole = Files.readAllBytes(files.data(part));
        for (byte[] more : new byte[][] {{0}, {1, 2, 3, 4, 5, 6, 7, 8}, Zstd.compress(new byte[10])}) {
            Files.write(files.data(part), whole);
            Files.write(files.data(part), more, StandardOpenOption.APPEND);

            assertRefused(part, "");
        }
    }

    @Test
    void refusesAnotherContentOfTheSameLength() throws Exception {
        DumpedPart part = write("one row".getBytes(StandardCharsets.UTF_8));
        Files.write(files.data(part), Zstd.compress("two row".getBytes(StandardCharsets.UTF_8)));

        assertRefused(part, "its checksum is wrong");
    }

    /** A frame of 128 MB of window: a damaged header must not take more memory than the process has. */
    @Test
    void refusesAFrameThatAsksForMuchMemory() throws Exception {
        DumpedPart part = write(noise(1000));
        Files.write(files.data(part), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (17 << 3), 1, 0, 0});

        assertRefused(part, "");
    }

    @Test
    void namesAFolderThatCannotBeWritten() {
        assertThatThrownBy(() -> PartWriter.create(folder.resolve("absent/16400-1.copy.zst")))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure)
                            .hasMessageContainingAll("--dump-root", "16400-1.copy.zst", "No such file or directory");
                    assertThat(PartDamage.isCauseOf(failure)).isFalse();
                });
    }

    private DumpedPart write(byte[] content) {
        try (PartWriter writer = PartWriter.create(files.data(16400, 1))) {
            writer.write(content);
            return writer.finish(16400, 1, Optional.empty(), 1);
        }
    }

    private byte[] read(DumpedPart part) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 * 1024];
        try (PartReader reader = PartReader.open(files, part, TABLE)) {
            for (int count = reader.read(buffer, 0, buffer.length);
                    count >= 0;
                    count = reader.read(buffer, 0, buffer.length)) {
                read.write(buffer, 0, count);
            }
        }
        return read.toByteArray();
    }

    private void assertRefused(DumpedPart part, String reason) {
        assertThatThrownBy(() -> read(part)).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure).hasMessageContainingAll(part.file(), TABLE, "is damaged", reason);
            assertThat(PartDamage.isCauseOf(failure)).isTrue();
        });
    }

    /** Half random, so that both kinds of blocks occur: stored and compressed. */
    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(2).nextBytes(bytes);
        Arrays.fill(bytes, size / 2, size, (byte) 'x');
        return bytes;
    }
}
