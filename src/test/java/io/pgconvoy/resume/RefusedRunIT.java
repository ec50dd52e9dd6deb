package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.MigrationRecord;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second run that meets another state than the first one left: refused with a clear message, or gone on with. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedRunIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

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
    void aCompleteMigrationIsLeftAlone() throws Exception {
        assertDone(scene.run());
        String loaded = target.value("postgres", "SELECT pg_conf_load_time()");
        String completed = Scene.read(scene.marker("app", "completed"));

        PgconvoyProcess.Result second = scene.run();

        assertDone(second);
        assertThat(second.stderr())
                .contains("complete since an earlier run: 1 of 1")
                .doesNotContain("tuned", "app:", "globals:");
        // With the times of the run that did it: dump, restore, verify.
        assertThat(second.stdout()).containsPattern("app .*[0-9] s +[0-9.]+ s +[0-9.]+ s .*complete earlier");
        assertThat(target.value("postgres", "SELECT pg_conf_load_time()")).isEqualTo(loaded);
        assertThat(Scene.read(scene.marker("app", "completed"))).isEqualTo(completed);
        scene.assertMoved();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dumped", "restored", "verified"})
    void aDeletedMarkerHasItsStepDoneAgain(String step) throws Exception {
        assertDone(scene.run());
        Files.delete(scene.marker("app", step));
        // What the source has by now does not matter to what is not dumped again.
        source.sql("app", "INSERT INTO plain VALUES (0, 'later')");

        PgconvoyProcess.Result result = scene.run("--drop-existing");

        assertDone(result);
        assertThat(scene.marker("app", step)).exists();
        boolean dumped = !step.equals("verified");
        assertThat(result.stderr().contains("app: restore took")).isEqualTo(dumped);
        assertThat(target.value("app", "SELECT count(*) FROM plain WHERE id = 0"))
                .isEqualTo(dumped ? "1" : "0");
        assertThat(target.value("app", "SELECT count(*) FROM child")).isEqualTo("300");
        scene.assertNothingIsLeft();
    }

    @Test
    void twoRunsAtOnceAreNotPossible() throws Exception {
        try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                PgconvoyProcess first = scene.start()) {
            holdup.awaitReached(first);

            PgconvoyProcess.Result second = scene.run();
            PgconvoyProcess.Result revert = scene.revertTuning();

            assertThat(List.of(second.exitCode(), revert.exitCode()))
                    .as(second.stderr() + revert.stderr())
                    .containsOnly(12);
            assertThat(List.of(second.stderr(), revert.stderr()))
                    .allSatisfy(text -> assertThat(text)
                            .contains(
                                    "another pgconvoy (process " + first.pid(),
                                    scene.journal().toString()));
            assertThat(scene.isTuned()).isTrue();
            holdup.close();
            assertDone(first.await(Scene.PATIENCE));
        }
        scene.assertMoved();
    }

    @Test
    void revertTuningPaysTheDebtOfAKilledRun() throws Exception {
        target.sql("postgres", "ALTER SYSTEM SET max_wal_size = '1100MB'", "SELECT pg_reload_conf()");
        scene.rememberSettings();
        kill(Moment.RESTORE);
        assertThat(scene.isTuned()).isTrue();

        PgconvoyProcess.Result revert = scene.revertTuning();

        assertThat(revert.exitCode()).as(revert.stderr()).isZero();
        assertThat(revert.stdout()).contains("fsync: on again", "max_wal_size: 1100MB again");
        assertThat(scene.isTuned()).isFalse();
        PgconvoyProcess.Result again = scene.revertTuning();
        assertThat(again.exitCode()).isZero();
        assertThat(again.stdout()).contains("there is no tuning to revert");
        assertDone(scene.run());
        scene.assertMoved();
        target.sql("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    }

    @Test
    void whatBelongsToAnotherMigrationIsRefused() throws Exception {
        assertDone(scene.run());
        Path record = scene.journal().resolve("migration.json");
        String begun = Scene.read(record);

        assertRefused(scene.run("--fast-verify"), "--verify count, not estimate");
        // As if a server had been rebuilt at its old port since.
        Files.writeString(record, begun.replace(systemIdentifier(target), "7123456789012345678"));
        assertRefused(scene.run(), "another target");
        Files.writeString(record, begun.replace(systemIdentifier(source), "7123456789012345678"));
        assertRefused(scene.run(), "another source");
        Files.writeString(record, begun.replace("\"format\" : " + MigrationRecord.FORMAT, "\"format\" : 99"));
        assertRefused(scene.run(), "newer version");

        Files.writeString(record, begun);
        assertDone(scene.run());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dumped", "created"})
    void aTruncatedMarkerIsNamed(String step) throws Exception {
        kill(Moment.SETTINGS);
        Path marker = scene.marker("app", step);
        Files.writeString(marker, "{\n  \"database\" : \"ap");

        assertRefused(scene.run(), marker.toString());

        Files.delete(marker);
        assertDone(scene.run("--drop-existing"));
        scene.assertMoved();
    }

    @Test
    void aForeignDatabaseIsNamedAndKept() throws Exception {
        foreignDatabase();

        PgconvoyProcess.Result refused = scene.run();

        assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(13);
        assertThat(refused.stderr()).contains("\"app\"", "--drop-existing");
        assertThat(target.value("app", "SELECT text FROM precious")).isEqualTo("data");
        assertThat(scene.dumps()).isEmpty();
        // Preflight refuses, before there is a journal.
        assertThat(scene.stateDir()).doesNotExist();
        scene.awaitNoSessions();

        assertDone(scene.run("--drop-existing"));
        scene.assertMoved();
    }

    @Test
    void aDatabaseThatSomebodyMadeInPlaceOfOursIsKept() throws Exception {
        assertDone(scene.run());
        TestDatabases.drop(target, "app");
        foreignDatabase();

        PgconvoyProcess.Result refused = scene.run();

        assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(13);
        assertThat(target.value("app", "SELECT text FROM precious")).isEqualTo("data");
    }

    @Test
    void aDatabaseThatWasRenamedIsKept() throws Exception {
        assertDone(scene.run());
        target.sql("postgres", "ALTER DATABASE app RENAME TO app_live");

        assertDone(scene.run());

        assertThat(target.value("app_live", "SELECT count(*) FROM child")).isEqualTo("300");
        scene.assertMoved();
        TestDatabases.drop(target, "app_live");
    }

    @Test
    void aDatabaseThatVanishedFromTheTargetIsMovedAgain() throws Exception {
        assertDone(scene.run());
        TestDatabases.drop(target, "app");

        assertDone(scene.run());

        scene.assertMoved();
    }

    @Test
    void aChangedSourceIsFollowed() throws Exception {
        scene.with("gone").with("anew");
        kill(Moment.RESTORE);
        scene.awaitNoTools();
        scene.without("gone");
        scene.with("added");
        // Another database of the same name; of the old one there is a dump already, or may be.
        TestDatabases.drop(source, "app");
        Content.create(source, "app", 77);

        assertDone(scene.run());

        assertThat(target.value("app", "SELECT count(*) FROM plain")).isEqualTo("77");
        scene.assertMoved();
    }

    @Test
    void aDumpFolderThatIsNotOursIsNeverTouched() throws Exception {
        scene.with("other");
        Path theirs = Files.createDirectories(scene.dumpRoot().resolve("app"));
        Files.writeString(theirs.resolve("letter.txt"), "mine");

        PgconvoyProcess.Result foreign = scene.run();

        assertThat(foreign.exitCode()).as(foreign.stderr()).isEqualTo(3);
        assertThat(foreign.stdout()).contains("the dump folder " + theirs + " belongs to something else");
        assertThat(theirs.resolve("letter.txt")).hasContent("mine");

        Files.writeString(theirs.resolve("pgconvoy.json"), "{\"migration\":\"0123456789abcdef\",\"database\":\"app\"}");
        PgconvoyProcess.Result another = scene.run();

        assertThat(another.exitCode()).as(another.stderr()).isEqualTo(3);
        assertThat(another.stdout()).contains("belongs to another migration, 0123456789abcdef");
        assertThat(theirs.resolve("letter.txt")).hasContent("mine");

        Files.delete(theirs.resolve("letter.txt"));
        // What is left of a run that was killed, or had no room, before it could say whose the folder is.
        Files.move(theirs.resolve("pgconvoy.json"), theirs.resolve("pgconvoy.json.tmp"));
        assertDone(scene.run());
        scene.assertMoved();
    }

    private void foreignDatabase() throws SQLException {
        target.sql("postgres", "CREATE DATABASE app");
        target.sql("app", "CREATE TABLE precious (text text)", "INSERT INTO precious VALUES ('data')");
    }

    private void kill(Moment moment) throws Exception {
        try (Moment.Holdup holdup = moment.holdUp(scene, "app");
                PgconvoyProcess run = scene.start()) {
            holdup.awaitReached(run);
            run.signal("KILL");
            run.await(Scene.PATIENCE);
        }
    }

    private static String systemIdentifier(EmbeddedServer server) throws SQLException {
        return server.value("postgres", "SELECT system_identifier FROM pg_control_system()");
    }

    private static void assertDone(PgconvoyProcess.Result result) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    }

    private static void assertRefused(PgconvoyProcess.Result result, String names) {
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(12);
        assertThat(result.stderr()).contains(names).doesNotContain("\tat ");
        assertThat(result.stderr().lines().filter(line -> line.startsWith("hint: ")))
                .hasSize(1);
    }
}
