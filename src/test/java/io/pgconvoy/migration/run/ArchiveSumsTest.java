package io.pgconvoy.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.Markers.FileSum;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveSumsTest {
    private final Cancellation cancellation = new Cancellation();

    @TempDir
    Path archive;

    private Path data;
    private byte[] bytes;
    private List<FileSum> written;

    @BeforeEach
    void write() throws IOException {
        bytes = new byte[3_000_000];
        new Random(4711).nextBytes(bytes);
        data = Files.write(archive.resolve("3021.dat.zst"), bytes);
        Files.write(archive.resolve("empty.dat"), new byte[0]);
        Files.write(archive.resolve("blobs.toc"), new byte[] {1});
        written = ArchiveSums.of(archive, cancellation);
    }

    @Test
    void aWholeArchiveIsWhole() {
        assertThat(written).extracting(FileSum::file).containsExactly("3021.dat.zst", "blobs.toc", "empty.dat");
        assertThat(damage()).isEmpty();
    }

    @Test
    void noBitMayTurn() throws IOException {
        for (int at : new int[] {0, 1, 1_048_575, 1_048_576, 2_999_999}) {
            byte[] turned = bytes.clone();
            turned[at] ^= (byte) (1 << (at % 8));
            Files.write(data, turned);

            assertThat(damage()).hasValueSatisfying(what -> assertThat(what).contains(data.toString(), "checksum"));
            assertThat(ArchiveSums.otherSize(archive, written)).isEmpty();
        }
    }

    @Test
    void noFileMayBeShorterOrLonger() throws IOException {
        for (int length : new int[] {0, bytes.length - 1, bytes.length + 1}) {
            Files.write(data, Arrays.copyOf(bytes, length));

            assertThat(damage())
                    .hasValueSatisfying(
                            what -> assertThat(what).contains(data + " has " + length + " of 3000000 bytes"));
            assertThat(ArchiveSums.otherSize(archive, written)).isEqualTo(damage());
        }
    }

    @Test
    void noFileMayBeMissing() throws IOException {
        Files.delete(archive.resolve("blobs.toc"));

        assertThat(damage())
                .hasValueSatisfying(what -> assertThat(what).contains(archive.resolve("blobs.toc") + " is missing"));
    }

    @Test
    void aFileThatCannotBeReadIsDamaged() throws IOException {
        Files.delete(archive.resolve("empty.dat"));
        Files.createDirectory(archive.resolve("empty.dat"));

        assertThat(damage()).isPresent();
    }

    private Optional<String> damage() {
        return ArchiveSums.damage(archive, written, "sum-test", 2, cancellation);
    }
}
