package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Dumps that are of no use: damaged since they were made, or of something that cannot be restored. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DumpedAgainIT {
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
    void aDumpOfWhichOneBitTurnedIsMadeAgain() throws Exception {
        killInRestore("--compress", "none");
        Path file = largest();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);

        PgconvoyProcess.Result result = scene.run();

        assertDone(result);
        assertThat(result.stderr()).contains("app: dumped again, since its dump is damaged: " + file);
        scene.assertMoved();
    }

    @Test
    void aDumpWithoutSumsThatCannotBeReadIsMadeAgainByTheNextRun() throws Exception {
        killInRestore();
        Path marker = scene.marker("app", "dumped");
        ObjectNode dumped = (ObjectNode) new ObjectMapper().readTree(Files.readString(marker));
        dumped.remove("files");
        dumped.remove("fileSum");
        Files.writeString(marker, dumped.toPrettyString());
        Path file = largest();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));

        PgconvoyProcess.Result failed = scene.run();
        PgconvoyProcess.Result again = scene.run();

        assertThat(failed.exitCode()).as(failed.stderr()).isEqualTo(3);
        assertDone(again);
        assertThat(again.stderr()).contains("app: dumped again, since its restore failed over what the dump holds");
        scene.assertMoved();
    }

    @Test
    void aSourceThatWasRepairedIsDumpedAgain() throws Exception {
        addWhatTheTargetRefuses();
        PgconvoyProcess.Result failed = scene.run();
        assertThat(failed.exitCode()).as(failed.stderr()).isEqualTo(3);
        assertThat(failed.stdout()).contains("pg_restore reported 1 error", "Repair the source");
        source.sql("app", "ALTER TABLE refused DROP CONSTRAINT only_old", "INSERT INTO refused VALUES (11)");

        PgconvoyProcess.Result result = scene.run();

        assertDone(result);
        assertThat(result.stderr()).contains("app: dumped again, since its restore failed over what the dump holds");
        assertThat(target.value("app", "SELECT count(*) FROM refused")).isEqualTo("11");
        scene.assertMoved();
    }

    @Test
    void errorsThatAreAllowedSinceNeedNoOtherDump() throws Exception {
        addWhatTheTargetRefuses();
        assertThat(scene.run().exitCode()).isEqualTo(3);
        assertThat(scene.marker("app", "dump-again")).exists();

        PgconvoyProcess.Result result = scene.run("--allow-restore-errors", "--verify", "count");

        assertThat(result.stderr()).doesNotContain("app: dumped again", "app: dump took");
        assertThat(result.stdout()).contains("table public.refused");
    }

    private void addWhatTheTargetRefuses() throws SQLException {
        source.sql(
                "app",
                """
                CREATE FUNCTION oldonly(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
                  IF current_setting('server_version_num')::int >= 150000 THEN RAISE EXCEPTION 'not here'; END IF;
                  RETURN true; END $$
                """,
                "CREATE TABLE refused (a int CONSTRAINT only_old CHECK (oldonly(a)))",
                "INSERT INTO refused SELECT generate_series(1, 10)");
    }

    private void killInRestore(String... options) throws Exception {
        try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                PgconvoyProcess run = scene.start(options)) {
            holdup.awaitReached(run);
            run.signal("KILL");
            run.await(Scene.PATIENCE);
        }
        scene.awaitNoTools();
    }

    private Path largest() throws IOException {
        Path archive = scene.dumpRoot().resolve("app").resolve("archive");
        try (Stream<Path> files = Files.list(archive)) {
            return files.filter(file -> file.toString().contains(".dat"))
                    .filter(file -> !file.endsWith("toc.dat"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void assertDone(PgconvoyProcess.Result result) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    }
}
