package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client tool or a server that is lost in the middle of a run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LostServerIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @TempDir
    private Path folder;

    @BeforeEach
    void start() {
        for (EmbeddedServer server : List.of(source, target)) {
            if (!server.isRunning()) {
                server.restart();
            }
        }
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_dump", "pg_restore"})
    void aKilledToolFailsItsDatabaseOnly(String tool) throws Exception {
        try (Scene scene =
                new Scene(source, target, folder).with("app").with("other").by(Transport.DUMP)) {
            HeldDump dump = new HeldDump(folder.resolve("bin"), "app");
            boolean dumps = tool.equals("pg_dump");
            try (Obstacle end = dumps ? dump.hold() : () -> {};
                    Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start("--pg-bin", dump.folder().toString())) {
                if (dumps) {
                    dump.awaitReached(Scene.PATIENCE);
                } else {
                    holdup.awaitReached(run);
                }
                scene.toolProcesses(tool).forEach(ProcessHandle::destroyForcibly);
                run.awaitLine("app: failed", Scene.PATIENCE);
                end.close();
                holdup.close();

                PgconvoyProcess.Result result = run.await(Scene.PATIENCE);

                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
                assertThat(result.stdout()).contains("database \"app\": " + tool, "exit status 137");
                assertThat(scene.marker("other", "completed")).exists();
                scene.assertNothingIsLeftRunning();
            }
            PgconvoyProcess.Result again = scene.run();
            assertThat(again.exitCode()).as(again.stderr()).isZero();
            scene.assertMoved();
        }
    }

    /** Of what is streamed no half is kept either: its snapshot is gone. */
    @ParameterizedTest
    @CsvSource({"DUMP, DUMP", "STREAM, RESTORE"})
    void aSourceThatRestartsHasWhatIsReadFromItBegunAnew(Transport transport, Moment moment) throws Exception {
        // Alone: a crash moves the sequences of what was dumped before it.
        try (Scene scene = new Scene(source, target, folder).with("app").by(transport)) {
            PgconvoyProcess.Result result;
            try (Moment.Holdup holdup = moment.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                source.killImmediate();
                source.restart();
                holdup.close();
                result = run.await(Scene.PATIENCE);
            }
            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stdout()).contains("dump: tried again once");
            scene.assertMoved();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aTargetThatRestartsHasWhatIsBeingRestoredBegunAnew(Transport transport) throws Exception {
        try (Scene scene =
                new Scene(source, target, folder).with("app").with("other").by(transport)) {
            PgconvoyProcess.Result result;
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                target.crash();
                restartAfterCrash();
                holdup.close();
                result = run.await(Scene.PATIENCE);
            }
            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stdout()).contains("restore: tried again once");
            scene.assertMoved();
        }
    }

    @Test
    void aTargetThatStaysAwayIsPutBackByTheNextRun() throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").with("other")) {
            PgconvoyProcess.Result result;
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                target.killImmediate();
                result = run.await(Scene.PATIENCE.plusSeconds(60));
            }
            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(11);
            assertThat(result.stderr()).contains("the target's tuning is not reverted", "pgconvoy revert-tuning");
            assertThat(result.stdout()).contains("  app, other: the target is gone\n");
            assertThat(result.stdout()).containsOnlyOnce("cannot connect to target");
            assertThat(result.stdout().lines())
                    .last()
                    .asString()
                    .contains("fsync is off", "pgconvoy revert-tuning --to-host " + target.host());
            target.restart();
            assertThat(scene.isTuned()).isTrue();

            assertThat(scene.run().exitCode()).isZero();
            scene.assertMoved();
        }
    }

    /** After the postmaster's end by SIGKILL its backends go by themselves, but not at once, and must be gone. */
    private void restartAfterCrash() {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            target.restart();
            return true;
        });
    }
}
