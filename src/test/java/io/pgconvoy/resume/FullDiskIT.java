package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder for dumps on a disk that is too small; needs a user who may mount one. */
class FullDiskIT {
    @Test
    void failsTheDumpThatDoesNotFitAndGoesOnWithTheOthersWhileAStreamNeedsNoRoom(@TempDir Path folder)
            throws Exception {
        Path disk = dumpsOnDisk(folder, "1m");
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18");
                Scene scene = new Scene(source, target, folder)
                        .with("app")
                        .with("big")
                        .by(Transport.DUMP)) {
            source.sql(
                    "big",
                    "CREATE TABLE noise AS SELECT i, md5(i::text) || md5((i * 7)::text) AS text"
                            + " FROM generate_series(1, 40000) i");

            PgconvoyProcess.Result result = scene.run("--order", "size-desc");

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
            assertThat(result.stdout())
                    .contains("database \"big\"", "No space left on device", "The disk of --dump-root is full");
            assertThat(scene.marker("app", "completed")).exists();
            assertThat(scene.dumps()).isEmpty();

            PgconvoyProcess.Result streamed = scene.by(Transport.STREAM).run();
            assertThat(streamed.exitCode()).as(streamed.stderr()).isZero();
            scene.assertMoved();
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void beginsNothingMoreWhenTwoDumpsDidNotFitAndSaysWhyOnce(@TempDir Path folder) throws Exception {
        Path disk = dumpsOnDisk(folder, "1m");
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18");
                Scene scene = new Scene(source, target, folder)
                        .with("app")
                        .with("big")
                        .with("huge")
                        .by(Transport.DUMP)) {
            for (String database : List.of("big", "huge")) {
                source.sql(
                        database,
                        "CREATE TABLE noise AS SELECT i, md5(i::text) || md5((i * 7)::text) AS text"
                                + " FROM generate_series(1, 40000) i");
            }

            PgconvoyProcess.Result result = scene.run("--order", "size-desc");

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
            assertThat(result.stdout())
                    .containsPattern("  (big, huge|huge, big): the disk of --dump-root is full\n")
                    .containsOnlyOnce("No space left on device")
                    .contains("errors (1):", "2 failed, 1 not reached");
            assertThat(scene.marker("app", "dumped")).doesNotExist();

            assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isTrue();
            assertThat(scene.run().exitCode()).isZero();
            scene.assertMoved();
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void failsThePartsThatDoNotFitAndDumpsThemWhenTheyDo(@TempDir Path folder) throws Exception {
        Path disk = dumpsOnDisk(folder, "2m");
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18");
                DeferredScene scene = new DeferredScene(source, target, folder).with("other")) {
            source.sql(
                    DeferredScene.APP,
                    "INSERT INTO big (parent, text) SELECT 1, md5(i::text) || md5((i * 7)::text)"
                            + " FROM generate_series(1, 60000) i",
                    "DELETE FROM seen");

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
            assertThat(result.stdout()).contains("/app/parts/", "The disk of --dump-root is full");
            assertThat(disk.resolve("app/parts")).doesNotExist();
            assertThat(scene.scene().marker("other", "completed")).exists();

            assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isTrue();
            scene.complete();
            scene.assertMoved(Set.of());
        } finally {
            run("umount", disk.toString());
        }
    }

    private static Path dumpsOnDisk(Path folder, String size) throws IOException, InterruptedException {
        Path disk = Files.createDirectory(folder.resolve("dumps"));
        assumeTrue(
                Files.isExecutable(Path.of("/bin/mount"))
                        && run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.toString()),
                "may not mount a disk");
        return disk;
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
