package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A later run finds what an earlier one has done, whatever its servers and folders are called; check looks at the same. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FoundJournalIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target =
            EmbeddedServer.start(ServerOptions.of("18").withoutSync());

    @TempDir
    private Path folder;

    private Scene scene;

    @BeforeEach
    void prepare() throws SQLException {
        scene = new Scene(source, target, folder).with("app");
    }

    @AfterEach
    void drop() throws SQLException {
        scene.close();
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @Test
    void serversAreKnownByWhatTheyAreAndNotByTheirNames() throws Exception {
        assertDone(scene.run());
        Path journal = scene.journal();

        PgconvoyProcess.Result renamed =
                run("migrate", List.of("--dump-root", scene.dumpRoot().toString()));

        assertDone(renamed);
        assertThat(renamed.stderr())
                .contains("going on with the migration in " + journal)
                .contains("complete since an earlier run: 1 of 1");
        assertThat(scene.journal()).isEqualTo(journal);
        assertDone(run("check", List.of()));
        TestDatabases.drop(target, "app");

        PgconvoyProcess.Result preview = run("migrate", List.of("--dry-run"));
        PgconvoyProcess.Result again = run("migrate", List.of());

        assertDone(preview);
        assertThat(preview.stdout()).doesNotContain("complete since an earlier run");
        assertDone(again);
        assertThat(again.stderr()).doesNotContain("complete since an earlier run");
        scene.assertMoved();
    }

    @Test
    void dumpsStayWhereTheyWereMade() throws Exception {
        try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                PgconvoyProcess run = scene.start()) {
            holdup.awaitReached(run);
            run.signal("KILL");
            run.await(Scene.PATIENCE);
        }
        scene.awaitNoTools();
        scene.with("second");
        Path larger = folder.resolve("larger");

        PgconvoyProcess.Result result = scene.run("--dump-root", larger.toString(), "--keep-dumps");

        assertDone(result);
        assertThat(result.stderr()).doesNotContain("app: dump took").contains("second: dump took");
        assertThat(scene.dumpRoot().resolve("app").resolve("archive")).isDirectory();
        assertThat(names(larger)).containsExactly("second");
        // Without the option, from whatever folder: where the journal says.
        assertDone(run("migrate", List.of("--redo", "app", "--include-db", "second")));
        assertThat(scene.dumpRoot().resolve("app"))
                .as("the old dump of what is moved anew")
                .doesNotExist();
        scene.assertNothingIsLeftRunning();
    }

    @Test
    void checkAndDryRunSayWhatMigrateWouldRefuse() throws Exception {
        assertDone(scene.run());
        assertAllRefuse(12, "cannot write to /proc/1/no/", "--state-dir", "/proc/1/no");
        assertAllRefuse(2, "cannot write to /proc/1/no", "--dump-root", "/proc/1/no");
        try (FileChannel lock = FileChannel.open(scene.journal().resolve("lock"), StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            assertAllRefuse(12, "another pgconvoy");
        }
        Path record = scene.journal().resolve("migration.json");
        String begun = Scene.read(record);
        String identifier = target.value("postgres", "SELECT system_identifier FROM pg_control_system()");
        Files.writeString(record, begun.replace(identifier, "7123456789012345678"));
        assertAllRefuse(12, "another target");
        Files.writeString(record, begun);
        assertCheckFinds("--verify count, not checksum", "--verify", "checksum");
        Files.writeString(record, begun.replace("\"startedAt\" : \"2", "\"startedAt\" : \"3"));
        assertCheckFinds(record + " is damaged");
        Files.writeString(record, begun);
        Path marker = scene.marker("app", "verified");
        Files.writeString(marker, Scene.read(marker).replaceFirst("\"rows\" : 3", "\"rows\" : 4"));
        assertCheckFinds(marker + " is damaged");

        // As the hints say.
        Files.delete(marker);
        Files.delete(record);
        assertDone(scene.run());
        scene.assertMoved();
    }

    @Test
    void whatOurJournalKnowsIsNoReasonToDropTheDatabasesOfOthers() throws Exception {
        assertDone(scene.run());
        Path journal = scene.journal();
        try (EmbeddedServer other = EmbeddedServer.start(ServerOptions.of("14").withoutSync())) {
            Content.create(other, "app");

            PgconvoyProcess.Result refused = PgconvoyProcess.run(
                    List.of(
                            "migrate",
                            "--from-host=" + other.host(),
                            "--from-port=" + other.port(),
                            "--to-host=" + target.host(),
                            "--to-port=" + target.port(),
                            "--state-dir=" + scene.stateDir(),
                            "--dump-root=" + scene.dumpRoot()),
                    Map.of(),
                    Scene.PATIENCE);

            assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(13);
            assertThat(refused.stderr()).contains("\"app\"", "made by the migration in " + journal);
        }
    }

    @Test
    void aDatabaseIsMovedAnewOnRequest() throws Exception {
        scene.with("second");
        assertDone(scene.run());
        source.sql("app", "DELETE FROM plain WHERE id > 100");
        target.sql("app", "DROP TABLE gated");

        PgconvoyProcess.Result mistyped = scene.run("--redo", "apq");
        PgconvoyProcess.Result result = scene.run("--redo", "app");

        assertThat(mistyped.exitCode()).as(mistyped.stderr()).isEqualTo(2);
        assertThat(mistyped.stderr()).contains("--redo", "'apq'", "app");
        assertDone(result);
        assertThat(result.stderr())
                .contains("app: moved anew, as --redo says", "complete since an earlier run: 1 of 2", "app: dump took")
                .doesNotContain("second: ");
        scene.assertMoved();
    }

    private void assertAllRefuse(int exitCode, String why, String... options) {
        PgconvoyProcess.Result preview = run(
                source.host(),
                "migrate",
                Stream.concat(Stream.of("--dry-run"), Stream.of(options)).toList());
        PgconvoyProcess.Result migrate = run(source.host(), "migrate", List.of(options));

        assertCheckFinds(why, options);
        assertThat(List.of(preview.exitCode(), migrate.exitCode()))
                .as(preview.stderr() + migrate.stderr())
                .containsOnly(exitCode);
        assertThat(preview.stderr()).contains(why);
        assertThat(migrate.stderr()).contains(why);
    }

    private void assertCheckFinds(String why, String... options) {
        PgconvoyProcess.Result check = run(source.host(), "check", List.of(options));

        assertThat(check.exitCode()).as(check.stdout() + check.stderr()).isEqualTo(13);
        assertThat(check.stdout()).contains("blocker  journal").containsIgnoringWhitespaces(why);
        assertThat(check.stdout().contains("existing-databases"))
                .as("where there is a journal, what is there may be its own")
                .isEqualTo(why.startsWith("cannot write to /proc/1/no/"));
    }

    /** By another name of the source. */
    private PgconvoyProcess.Result run(String command, List<String> options) {
        return run(source.host().equals("localhost") ? "127.0.0.1" : "localhost", command, options);
    }

    /** In a folder where nothing was run before. */
    private PgconvoyProcess.Result run(String fromHost, String command, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "--from-host=" + fromHost,
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port(),
                "--include-db=app"));
        if (!options.contains("--state-dir")) {
            arguments.add("--state-dir=" + scene.stateDir());
        }
        arguments.addAll(options);
        try (PgconvoyProcess process =
                PgconvoyProcess.start(arguments, Map.of(), Files.createDirectories(folder.resolve("elsewhere")))) {
            return process.await(Scene.PATIENCE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertDone(PgconvoyProcess.Result result) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    }
}
