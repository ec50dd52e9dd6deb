package io.pgconvoy.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final ServerIdentity SOURCE = new ServerIdentity("old.example", 5432, "7000000000000000001");
    private static final ServerIdentity TARGET = new ServerIdentity("new.example", 5433, "7000000000000000002");
    private static final Path DUMPS = Path.of("/dumps");

    @TempDir
    Path stateDir;

    @Test
    void goesOnWithTheMigrationThatWasBegun() {
        String id;
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            id = journal.id();
            assertThat(id).matches("[0-9a-f]{16}");
        }
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            assertThat(journal.id()).isEqualTo(id);
            assertThat(journal.applicationName()).contains(id);
        }
    }

    @Test
    void letsOnlyOneAtIt() {
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            assertThatThrownBy(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
                        assertThat(failure)
                                .hasMessageContaining(
                                        "process " + ProcessHandle.current().pid())
                                .hasMessageContaining(folder(journal).toString());
                    });
            assertThatThrownBy(() -> journal.store().lease()).isInstanceOf(PgconvoyException.class);
        }
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            assertThat(folder(journal)).isDirectory();
        }
    }

    @Test
    void givesTheLockBackWhenItRefuses() {
        open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT).close();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.NONE))
                    .hasMessageContaining("--verify");
        }
    }

    @Test
    void refusesAnotherServerAtTheSameAddress() {
        open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT).close();

        assertRefused(
                () -> open(SOURCE, new ServerIdentity("new.example", 5433, "9"), DUMPS, VerifyLevel.COUNT),
                "another target");
        assertRefused(
                () -> open(new ServerIdentity("old.example", 5432, "9"), TARGET, DUMPS, VerifyLevel.COUNT),
                "another source");
    }

    @Test
    void refusesOptionsThatItsMarkersDependOn() {
        open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT).close();

        assertRefused(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.CHECKSUM), "--verify count, not checksum");
    }

    @Test
    void remembersWhereDumpsWereMadeBefore() {
        open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT).close();
        open(SOURCE, TARGET, Path.of("/other"), VerifyLevel.COUNT).close();
        open(SOURCE, TARGET, Path.of("/third"), VerifyLevel.COUNT).close();

        try (Journal journal = open(SOURCE, TARGET, Path.of("/other"), VerifyLevel.COUNT)) {
            assertThat(journal.dumpRoot()).isEqualTo(Path.of("/other"));
            assertThat(journal.earlierDumpRoots()).containsExactly(DUMPS, Path.of("/third"));
        }
    }

    @Test
    void goesOnByItsCopyWhereItsRecordIsDeleted() throws IOException {
        Path folder;
        String id;
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            folder = folder(journal);
            id = journal.id();
        }
        Path record = folder.resolve("migration.json");
        Files.writeString(record, Files.readString(record).replace(id, "0123456789abcdef"));
        assertRefused(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT), "do not fit its sum");

        Files.delete(record);

        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            assertThat(journal.id()).isEqualTo(id);
        }
        assertThat(record).exists();
    }

    /** Its files are as they were, by their names and contents; the oldest have no sum. */
    @Test
    void readsTheMarkersOfAnEarlierVersion() throws IOException {
        DatabaseName name = new DatabaseName("app");
        Path folder;
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            folder = folder(journal).resolve("databases").resolve("app");
        }
        Files.createDirectories(folder);
        String span = "\"startedAt\" : \"2026-01-02T03:04:05Z\", \"elapsed\" : \"PT1S\"";
        Files.writeString(folder.resolve("created.json"), """
                {"database" : "app", "oid" : 16385, "adopted" : false, "at" : "2026-01-02T03:04:05Z"}
                """);
        Files.writeString(folder.resolve("restored.json"), """
                {"database" : "app", "restore" : {%s}, "tables" : 3, "harmless" : [], "allowed" : []}
                """.formatted(span));
        Files.writeString(folder.resolve("indexes-built.json"), """
                {"database" : "app", "span" : {%s}, "warnings" : ["w"]}
                """.formatted(span));

        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            DatabaseJournal markers = journal.database(name);
            assertThat(markers.read(Step.CREATED).orElseThrow().oid()).isEqualTo(16385);
            assertThat(markers.read(Step.RESTORED).orElseThrow().tables()).isEqualTo(3);
            assertThat(markers.read(Step.INDEXES_BUILT).orElseThrow().warnings())
                    .containsExactly("w");
            markers.deleteAfterCreation();
            assertThat(markers.read(Step.RESTORED)).isEmpty();
            assertThat(markers.read(Step.CREATED)).isPresent();
        }
        assertThat(Step.TABLE)
                .extracting(Step::name)
                .containsExactly(
                        "dumped",
                        "dump-again",
                        "deferred",
                        "parts-dumped",
                        "created",
                        "unlogged",
                        "restored",
                        "analyzed",
                        "verified",
                        "settings",
                        "opened",
                        "indexes-to-drop",
                        "indexes-dropped",
                        "parts-loaded",
                        "indexes-built",
                        "foreign-keys-validated",
                        "matviews-refreshed",
                        "deferred-verified",
                        "compared",
                        "completed");
    }

    @Test
    void refusesARecordOfANewerVersion() throws IOException {
        Path folder;
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            folder = folder(journal);
        }
        Path record = folder.resolve("migration.json");
        Files.writeString(record, Files.readString(record).replaceFirst("\"format\" : 2", "\"format\" : 3"));

        assertRefused(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT), "newer version");
    }

    @Test
    void refusesARecordThatIsDamaged() throws IOException {
        Path folder;
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            folder = folder(journal);
        }
        Files.writeString(folder.resolve("migration.json"), "");

        assertRefused(() -> open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT), "damaged");
    }

    @Test
    void hasAFolderForEachPairOfServers() {
        List<Path> folders = List.of(
                folder("a", 1, "b", 2),
                folder("a", 1, "b", 3),
                folder("b", 2, "a", 1),
                folder("::1", 1, "b", 2),
                folder("../a", 1, "b", 2),
                folder("a_1__b", 2, "c", 3),
                folder("a", 1, "b_2__c", 3));

        assertThat(folders)
                .doesNotHaveDuplicates()
                .allSatisfy(folder -> assertThat(folder.normalize().getParent()).isEqualTo(stateDir));
    }

    @Test
    void keepsTheMarkersOfEachDatabaseApart() {
        try (Journal journal = open(SOURCE, TARGET, DUMPS, VerifyLevel.COUNT)) {
            DatabaseName name = new DatabaseName("../x");
            DatabaseJournal database = journal.database(name);
            var span = new Span(Instant.EPOCH, Duration.ZERO);
            database.write(Step.CREATED, new Markers.Created("../x", 1, false, Instant.EPOCH));
            database.write(
                    Step.DUMPED,
                    new Markers.Dumped(
                            "../x",
                            1,
                            "/dumps",
                            1,
                            span,
                            span,
                            VerifyLevel.COUNT,
                            true,
                            List.of(),
                            Optional.empty(),
                            Optional.empty()));
            database.write(Step.RESTORED, new Markers.Restored("../x", span, 1, List.of(), List.of()));
            database.write(Step.VERIFIED, new Markers.Verified("../x", span, 1, Optional.of(1L), List.of()));
            database.write(Step.SETTINGS, new Markers.Done("../x", span, List.of()));
            database.write(Step.COMPARED, new Markers.Done("../x", span, List.of()));
            database.write(Step.COMPLETED, new Markers.Completed("../x", 1, span, List.of()));

            assertThat(journal.database(name).isComplete(false)).isTrue();
            assertThat(journal.database(name).isComplete(true)).isFalse();
            assertThat(journal.database(new DatabaseName("x")).isComplete(false))
                    .isFalse();

            database.deleteAfterCreation();

            assertThat(journal.database(name).isComplete(false)).isFalse();
            assertThat(database.read(Step.CREATED)).isPresent();
        }
    }

    private Journal open(ServerIdentity source, ServerIdentity target, Path dumpRoot, VerifyLevel verify) {
        return Journal.open(
                journals().between(source.host(), source.port(), target.host(), target.port()),
                source,
                target,
                dumpRoot,
                verify);
    }

    private Journals journals() {
        return new Journals(stateDir);
    }

    private Path folder(String fromHost, int fromPort, String toHost, int toPort) {
        return Path.of(journals().between(fromHost, fromPort, toHost, toPort).label());
    }

    private static Path folder(Journal journal) {
        return Path.of(journal.store().label());
    }

    private static void assertRefused(Runnable opening, String why) {
        assertThatThrownBy(opening::run).isInstanceOfSatisfying(PgconvoyException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(ErrorKind.JOURNAL);
            assertThat(failure).hasMessageContaining(why);
            assertThat(failure.hint()).isNotEmpty();
        });
    }
}
