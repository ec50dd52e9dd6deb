package io.pgconvoy.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Markers.Created;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.journal.Markers.Verified;
import io.pgconvoy.model.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFolderTest {
    private static final Created CREATED =
            new Created("../x\n\"ü\"", 4_294_967_295L, false, Instant.parse("2026-11-20T12:00:00.123456Z"));

    private static final JournalEntry<Created> MARKER = entry("marker", Created.class);
    private static final JournalEntry<Created> KEPT =
            new JournalEntry<>("kept", Created.class, true, "", value -> false, "");

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

        journal().write(entry("marker", Verified.class), verified);

        assertThat(journal().read(entry("marker", Verified.class))).contains(verified);
        assertThat(file).content().contains("\"PT1M1.001S\"").contains("\"2026-11-20T12:00:00Z\"");
    }

    @Test
    void keepsUnknownCountsApartFromNone() {
        for (TableRows rows : List.of(
                new TableRows("public", "t", Optional.empty(), Optional.empty()),
                new TableRows("public", "t", Optional.of("WHERE x"), Optional.of(0L)),
                new TableRows("public", "t", Optional.empty(), Optional.of(0L), Optional.of("1:0f")))) {
            journal().write(entry("rows", TableRows.class), rows);

            assertThat(journal().read(entry("rows", TableRows.class))).contains(rows);
        }
    }

    @Test
    void readsRowsThatWereWrittenBeforeThereWereChecksums() throws IOException {
        Path file = folder.resolve("rows.json");
        Files.writeString(file, "{\"schema\": \"public\", \"table\": \"t\", \"rows\": 5}");

        assertThat(journal().read(entry("rows", TableRows.class)))
                .contains(new TableRows("public", "t", Optional.empty(), Optional.of(5L), Optional.empty()));
    }

    @Test
    void leavesNothingBesideTheFile() throws IOException {
        journal().write(MARKER, CREATED);
        journal().write(MARKER, CREATED);

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("marker.json"));
        }
    }

    @Test
    void knowsThatThereIsNoFile() {
        assertThat(journal().read(MARKER)).isEmpty();
    }

    @Test
    void refusesAFileThatIsTruncatedAnywhere() throws IOException {
        Path file = folder.resolve("marker.json");
        journal().write(MARKER, CREATED);
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(file, Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> journal().read(MARKER))
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
        journal().write(MARKER, CREATED);
        byte[] whole = Files.readAllBytes(file);

        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] turned = whole.clone();
            turned[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, turned);

            assertThatThrownBy(() -> journal().read(MARKER))
                    .as("bit %s", bit)
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void refusesAFileBehindWhoseSumSomethingFollows() throws IOException {
        Path file = folder.resolve("marker.json");
        journal().write(MARKER, CREATED);
        String whole = Files.readString(file);
        Files.writeString(file, whole + "\n");
        assertThat(journal().read(MARKER)).as("as an editor ends it").contains(CREATED);

        Files.writeString(file, whole.replace("4294967295", "4294967296") + " x");

        assertThatThrownBy(() -> journal().read(MARKER)).hasMessageContaining("damaged");
    }

    @Test
    void neverReadsOtherContentsFromACompressedFile() throws IOException {
        Path file = folder.resolve("kept.json.gz");
        journal().write(KEPT, CREATED);
        byte[] whole = Files.readAllBytes(file);

        int refused = 0;
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] turned = whole.clone();
            turned[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, turned);
            try {
                assertThat(journal().read(KEPT)).as("bit %s", bit).contains(CREATED);
            } catch (PgconvoyException damaged) {
                assertThat(damaged).hasMessageContaining(file.toString());
                refused++;
            }
        }
        assertThat(refused)
                .as("all but those of a header that says nothing")
                .isGreaterThan(8 * (whole.length - 10) - 1);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> journal().read(KEPT))
                    .as("%s bytes", length)
                    .isInstanceOf(PgconvoyException.class);
        }
    }

    @Test
    void readsWhatWasWrittenBeforeThereWereSums() throws IOException {
        Path file = folder.resolve("marker.json");
        journal().write(MARKER, CREATED);
        assertThat(file).content().contains("\"fileSum\"");

        Json.mapper().writeValue(file.toFile(), CREATED);

        assertThat(file).content().doesNotContain("\"fileSum\"");
        assertThat(journal().read(MARKER)).contains(CREATED);
    }

    @Test
    void refusesAFileThatLacksAField() throws IOException {
        Path file = folder.resolve("marker.json");
        for (String text : List.of("{}", "null", "[]", "{\"database\": \"shop\", \"oid\": 1, \"adopted\": false}")) {
            Files.writeString(file, text);

            assertThatThrownBy(() -> journal().read(MARKER))
                    .as(text)
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void leavesTheEarlierFileWhereTheNewOneCannotBeWritten() throws IOException {
        Path file = folder.resolve("marker.json");
        journal().write(MARKER, CREATED);
        Files.createDirectories(folder.resolve("marker.json.tmp").resolve("in the way"));

        assertThatThrownBy(() -> journal().write(MARKER, new Created("other", 2, true, Instant.EPOCH)))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
                    assertThat(failure.getMessage()).startsWith("cannot write " + file);
                    assertThat(failure.hint()).contains("--state-dir");
                });
        assertThat(journal().read(MARKER)).contains(CREATED);
    }

    @Test
    void saysWhichFolderCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("a file"));

        assertThatThrownBy(() -> new JournalFolder(file.resolve("journal")).lease())
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void closesItsFoldersToOthers() throws IOException {
        Path made = folder.resolve("a/b");

        new JournalFolder(made).lease().close();

        assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void deletesTwice() {
        Path file = folder.resolve("marker.json");
        journal().write(MARKER, CREATED);

        journal().delete(MARKER);
        journal().delete(MARKER);

        assertThat(file).doesNotExist();
    }

    @Test
    void aWriterThatWasKilledLeavesNeitherHalfAFileNorAnObstacle() throws IOException {
        journal().write(MARKER, CREATED);
        Path file = folder.resolve("marker.json");
        Files.write(folder.resolve("marker.json.tmp"), Arrays.copyOf(Files.readAllBytes(file), 20));
        Files.writeString(folder.resolve("kept.json.gz.tmp"), "half");

        assertThat(journal().read(MARKER)).contains(CREATED);
        assertThat(journal().has(KEPT)).isFalse();
        assertThat(journal().read(KEPT)).isEmpty();

        Created other = new Created("other", 2, true, Instant.EPOCH);
        journal().write(MARKER, other);
        journal().write(KEPT, other);

        assertThat(journal().read(MARKER)).contains(other);
        assertThat(journal().read(KEPT)).contains(other);
        assertThat(journal().names("")).containsExactly("kept.json.gz", "marker.json");
    }

    @Test
    void namesWhatCannotBeReadAndWhatIsNotItsOwn() throws IOException {
        Path file = folder.resolve("marker.json");
        Files.createDirectory(file);
        assertThatThrownBy(() -> journal().read(MARKER)).hasMessageContainingAll(file.toString(), "cannot be read");
        Files.delete(file);
        Files.writeString(file, "not JSON at all");
        assertThatThrownBy(() -> journal().read(MARKER))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.hint()).isEqualTo(MARKER.ifDamaged()))
                .hasMessageContainingAll(file.toString(), "damaged or from another version");
    }

    @Test
    void namesANewerVersionsEntryWhateverItsSum() throws IOException {
        JournalEntry<Created> adopted =
                new JournalEntry<>("marker", Created.class, false, "Delete it.", Created::adopted, "Use that version.");
        journal().write(adopted, new Created("shop", 1, true, Instant.EPOCH));
        Path file = folder.resolve("marker.json");
        Files.writeString(file, Files.readString(file).replace("\"oid\" : 1", "\"oid\" : 2"));

        assertThatThrownBy(() -> journal().read(adopted))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.hint()).isEqualTo("Use that version."))
                .hasMessageContainingAll(file.toString(), "newer version");
        assertThat(journal().peek(adopted).orElseThrow().oid()).isEqualTo(2);
    }

    @Test
    void theLeaseRefusesAnotherProcessAndEndsWithTheOneThatIsKilled() throws Exception {
        Process holder = otherProcess();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> journal().lease())
                    .hasMessageContainingAll("(process " + holder.pid() + ")", folder.toString());
            assertThatThrownBy(() -> journal().check()).hasMessageContaining("(process " + holder.pid() + ")");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        journal().check();
        journal().lease().close();
    }

    @Test
    void aRefusedLeaseTakesNothingFromItsHolder() throws Exception {
        try (JournalStore.Lease lease = journal().lease()) {
            assertThatThrownBy(() -> journal().lease())
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThatThrownBy(() -> journal().check()).hasMessageContaining("is at work on the migration");
            Process other = otherProcess();
            try {
                assertThat(other.inputReader().readLine())
                        .contains("(process " + ProcessHandle.current().pid() + ")");
            } finally {
                other.destroyForcibly().waitFor();
            }
        }
    }

    private Process otherProcess() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Takes the lease, or says why it cannot, and waits to be killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] folder) throws InterruptedException {
            try {
                new JournalFolder(Path.of(folder[0])).lease();
                System.out.println("held");
            } catch (PgconvoyException refused) {
                System.out.println(refused.getMessage());
            }
            Thread.sleep(Duration.ofMinutes(1).toMillis());
        }
    }

    private JournalStore journal() {
        return new JournalFolder(folder);
    }

    private static <T> JournalEntry<T> entry(String name, Class<T> type) {
        return new JournalEntry<>(name, type, "Delete it.");
    }
}
