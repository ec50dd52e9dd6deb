package io.pgconvoy.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Markers.Created;
import io.pgconvoy.journal.Markers.Span;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Markers.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableJsonTest {
    private static final Created CREATED =
            new Created("../x\n\"ü\"", 4_294_967_295L, false, Instant.parse("2026-11-20T12:00:00.123456Z"));

    @TempDir
    Path folder;

    @Test
    void readsWhatItWrote() {
        Path file = folder.resolve("marker.json");
        Verified verified = new Verified(
                "shop",
                new Span(Instant.parse("2026-11-20T12:00:00Z"), Duration.ofMillis(61_001)),
                3,
                Optional.empty(),
                List.of("a", "b"));

        DurableJson.write(file, verified);

        assertThat(DurableJson.read(file, Verified.class)).contains(verified);
        assertThat(file).content().contains("\"PT1M1.001S\"").contains("\"2026-11-20T12:00:00Z\"");
    }

    @Test
    void keepsUnknownCountsApartFromNone() {
        Path file = folder.resolve("rows.json");
        for (TableRows rows : List.of(
                new TableRows("public", "t", Optional.empty(), Optional.empty()),
                new TableRows("public", "t", Optional.of("WHERE x"), Optional.of(0L)),
                new TableRows("public", "t", Optional.empty(), Optional.of(0L), Optional.of("1:0f")))) {
            DurableJson.write(file, rows);

            assertThat(DurableJson.read(file, TableRows.class)).contains(rows);
        }
    }

    @Test
    void readsRowsThatWereWrittenBeforeThereWereChecksums() throws IOException {
        Path file = folder.resolve("rows.json");
        Files.writeString(file, "{\"schema\": \"public\", \"table\": \"t\", \"rows\": 5}");

        assertThat(DurableJson.read(file, TableRows.class))
                .contains(new TableRows("public", "t", Optional.empty(), Optional.of(5L), Optional.empty()));
    }

    @Test
    void leavesNothingBesideTheFile() throws IOException {
        DurableJson.write(folder.resolve("marker.json"), CREATED);
        DurableJson.write(folder.resolve("marker.json"), CREATED);

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("marker.json"));
        }
    }

    @Test
    void knowsThatThereIsNoFile() {
        assertThat(DurableJson.read(folder.resolve("marker.json"), Created.class))
                .isEmpty();
    }

    @Test
    void refusesAFileThatIsTruncatedAnywhere() throws IOException {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> DurableJson.read(file, Created.class))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
                        assertThat(failure)
                                .hasMessageContaining(file.toString())
                                .hasMessageContaining("damaged");
                        assertThat(failure.hint()).isNotEmpty();
                    });
        }
    }

    @Test
    void refusesAFileOfWhichAnyBitIsTurned() throws IOException {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);
        byte[] whole = Files.readAllBytes(file);

        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] turned = whole.clone();
            turned[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, turned);

            assertThatThrownBy(() -> DurableJson.read(file, Created.class))
                    .as("bit %s", bit)
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void refusesAFileBehindWhoseSumSomethingFollows() throws IOException {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);
        String whole = Files.readString(file);
        Files.writeString(file, whole + "\n");
        assertThat(DurableJson.read(file, Created.class))
                .as("as an editor ends it")
                .contains(CREATED);

        Files.writeString(file, whole.replace("4294967295", "4294967296") + " x");

        assertThatThrownBy(() -> DurableJson.read(file, Created.class)).hasMessageContaining("damaged");
    }

    @Test
    void neverReadsOtherContentsFromACompressedFile() throws IOException {
        Path file = folder.resolve("kept.json.gz");
        DurableJson.writeCompressed(file, CREATED);
        byte[] whole = Files.readAllBytes(file);

        int refused = 0;
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] turned = whole.clone();
            turned[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, turned);
            try {
                assertThat(DurableJson.readCompressed(file, Created.class))
                        .as("bit %s", bit)
                        .contains(CREATED);
            } catch (PgconvoyException damaged) {
                assertThat(damaged).hasMessageContaining(file.toString());
                refused++;
            }
        }
        assertThat(refused)
                .as("all but those of a header that says nothing")
                .isGreaterThan(8 * (whole.length - 10) - 1);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> DurableJson.readCompressed(file, Created.class))
                    .as("%s bytes", length)
                    .isInstanceOf(PgconvoyException.class);
        }
    }

    @Test
    void readsWhatWasWrittenBeforeThereWereSums() throws IOException {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);
        assertThat(file).content().contains("\"fileSum\"");

        DurableJson.mapper().writeValue(file.toFile(), CREATED);

        assertThat(file).content().doesNotContain("\"fileSum\"");
        assertThat(DurableJson.read(file, Created.class)).contains(CREATED);
    }

    @Test
    void refusesAFileThatLacksAField() throws IOException {
        Path file = folder.resolve("marker.json");
        for (String text : List.of("{}", "null", "[]", "{\"database\": \"shop\", \"oid\": 1, \"adopted\": false}")) {
            Files.writeString(file, text);

            assertThatThrownBy(() -> DurableJson.read(file, Created.class))
                    .as(text)
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void leavesTheEarlierFileWhereTheNewOneCannotBeWritten() throws IOException {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);
        Files.createDirectories(folder.resolve("marker.json.tmp").resolve("in the way"));

        assertThatThrownBy(() -> DurableJson.write(file, new Created("other", 2, true, Instant.EPOCH)))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
                    assertThat(failure.getMessage()).startsWith("cannot write " + file);
                    assertThat(failure.hint()).contains("--state-dir");
                });
        assertThat(DurableJson.read(file, Created.class)).contains(CREATED);
    }

    @Test
    void saysWhichFolderCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("a file"));

        assertThatThrownBy(() -> DurableJson.createPrivateFolder(file.resolve("journal")))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void closesItsFoldersToOthers() throws IOException {
        Path made = folder.resolve("a/b");

        DurableJson.createPrivateFolder(made);

        assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void deletesTwice() {
        Path file = folder.resolve("marker.json");
        DurableJson.write(file, CREATED);

        DurableJson.delete(file);
        DurableJson.delete(file);

        assertThat(file).doesNotExist();
    }
}
