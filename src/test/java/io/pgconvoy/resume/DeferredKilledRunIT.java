package io.pgconvoy.resume;

import static io.pgconvoy.resume.DeferredScene.APP;
import static io.pgconvoy.resume.DeferredScene.kill;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kill -9 of a run that moves deferred tables, while a client writes to them, and what the next one makes of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeferredKilledRunIT {
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @AfterAll
    void stop() {
        target.close();
    }

    /** Each run is killed in the next step, so that every step is begun after a kill in the one before. */
    @ParameterizedTest
    @CsvSource({"9.6, --allow-restore-errors", "14, --concurrent-index-builds"})
    void isGoneOnWithAfterAKillInEveryStep(String version, String option, @TempDir Path folder) throws Exception {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of(version).withoutSync());
                DeferredScene scene = new DeferredScene(source, target, folder, option).with("other")) {
            try (Client client = Client.start(target, APP, () -> scene.marker("opened"))) {
                try (Obstacle other = Obstacle.gate(target, "other", "restore")) {
                    killInRegularPhase(scene);
                    killWhileOthersAreNotUp(scene, client);
                }
                killInIndexDrop(scene);
                killInLoad(scene);
                killInIndexBuild(scene);
                // As if it had been killed between the last commit and the markers.
                scene.deleteMarkers("parts-loaded");
                killInForeignKeys(scene);
                scene.deleteMarkers("parts-loaded", "indexes-dropped", "indexes-built");
                killInAnalyze(scene);
                scene.deleteMarkers("opened", "indexes-built");
                killInRefresh(scene);
                killInVerification(scene);
                killBeforeCompletion(scene);
                client.awaitMore();

                scene.complete();

                scene.assertMoved(client.stop());
            }
        }
    }

    private static void killInRegularPhase(DeferredScene scene) throws Exception {
        try (Obstacle dump = scene.holdUpDump();
                PgconvoyProcess run = scene.start()) {
            scene.awaitDump();
            kill(run);
        }
        try (DeferredScene.PartsHold parts = scene.holdUpParts();
                Obstacle restore = Obstacle.gate(scene.target(), APP, "restore");
                PgconvoyProcess run = scene.start()) {
            parts.awaitReached(run);
            scene.awaitGate(run);
            kill(run);
        }
        try (Obstacle restore = Obstacle.gate(scene.target(), APP, "restore");
                PgconvoyProcess run = scene.start()) {
            scene.awaitMarker(run, "parts-dumped");
            scene.awaitGate(run);
            kill(run);
        }
    }

    private static void killWhileOthersAreNotUp(DeferredScene scene, Client client) throws Exception {
        try (PgconvoyProcess run = scene.start()) {
            run.awaitLine("\"app\" is open for clients; 2 tables follow", Scene.PATIENCE);
            scene.awaitGate(run, "other");
            client.awaitMore();
            assertThat(scene.target().value(APP, "SELECT count(*) FROM big WHERE text NOT LIKE 'client%'"))
                    .isEqualTo("0");
            kill(run);
        }
    }

    private static void killInIndexDrop(DeferredScene scene) throws Exception {
        scene.target().sql(APP, "CREATE INDEX big_text ON big (text)");
        try (Obstacle reader = Obstacle.transaction(scene.target(), APP, "SELECT FROM big");
                PgconvoyProcess run = scene.start()) {
            scene.awaitMarker(run, "indexes-to-drop");
            scene.awaitLock(run, scene.target(), "DROP INDEX%");
            kill(run);
        }
        assertThat(scene.marker("indexes-dropped")).doesNotExist();
        // As if it had been killed after that.
        scene.target().sql(APP, "DROP INDEX big_text");
    }

    private static void killInLoad(DeferredScene scene) throws Exception {
        try (Obstacle row = scene.holdUpPart();
                PgconvoyProcess run = scene.start()) {
            scene.awaitPart(run);
            kill(run);
        }
        assertThat(scene.marker("parts-loaded")).doesNotExist();
    }

    private static void killInIndexBuild(DeferredScene scene) throws Exception {
        try (Obstacle gate = Obstacle.gate(scene.target(), APP, "index");
                PgconvoyProcess run = scene.start()) {
            scene.awaitMarker(run, "parts-loaded");
            scene.awaitGate(run);
            kill(run);
        }
        assertThat(scene.marker("indexes-built")).doesNotExist();
    }

    private static void killInForeignKeys(DeferredScene scene) throws Exception {
        try (Obstacle lock =
                        Obstacle.transaction(scene.target(), APP, "LOCK TABLE note IN SHARE UPDATE EXCLUSIVE MODE");
                PgconvoyProcess run = scene.start()) {
            scene.awaitLock(run, scene.target(), "%VALIDATE CONSTRAINT%");
            kill(run);
        }
        assertThat(scene.marker("foreign-keys-validated")).doesNotExist();
        assertThat(scene.marker("indexes-built")).exists();
    }

    private static void killInAnalyze(DeferredScene scene) throws Exception {
        try (Obstacle gate = Obstacle.gate(scene.target(), APP, "analyze");
                PgconvoyProcess run = scene.start()) {
            scene.awaitGate(run);
            kill(run);
        }
        assertThat(scene.marker("foreign-keys-validated")).exists();
    }

    private static void killInRefresh(DeferredScene scene) throws Exception {
        try (Obstacle gate = Obstacle.gate(scene.target(), APP, "refresh");
                PgconvoyProcess run = scene.start()) {
            scene.awaitGate(run);
            kill(run);
        }
        assertThat(scene.marker("matviews-refreshed")).doesNotExist();
    }

    private static void killInVerification(DeferredScene scene) throws Exception {
        try (Obstacle gate = Obstacle.gate(scene.target(), APP, "refresh");
                PgconvoyProcess run = scene.start()) {
            scene.awaitGate(run);
            try (Obstacle lock = Obstacle.transaction(scene.target(), APP, "LOCK TABLE log IN ACCESS EXCLUSIVE MODE")) {
                gate.close();
                scene.awaitLock(run, scene.target(), "%count(%log%");
                kill(run);
            }
        }
        assertThat(scene.marker("matviews-refreshed")).exists();
        assertThat(scene.marker("deferred-verified")).doesNotExist();
    }

    private static void killBeforeCompletion(DeferredScene scene) throws Exception {
        String evidence = "pgconvoy_" + scene.scene().id() + ".loaded_parts";
        try (Obstacle reader = Obstacle.transaction(scene.target(), APP, "SELECT FROM " + evidence);
                PgconvoyProcess run = scene.start()) {
            scene.awaitMarker(run, "deferred-verified");
            scene.awaitLock(run, scene.target(), "DROP SCHEMA%");
            kill(run);
        }
        assertThat(scene.marker("completed")).doesNotExist();
    }

    /** Of every round, whenever it is killed, nothing is loaded twice, and no client loses a row. */
    @Test
    void comesToItsEndHoweverOftenItIsKilled(@TempDir Path folder) throws Exception {
        Random random = new Random(20261121);
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
                DeferredScene scene = new DeferredScene(source, target, folder)) {
            Optional<PgconvoyProcess.Result> finished = Optional.empty();
            Optional<Client> client = Optional.empty();
            try {
                for (int round = 0; finished.isEmpty() && round < 12; round++) {
                    try (PgconvoyProcess run = scene.start()) {
                        run.awaitLine("client tools", Scene.PATIENCE);
                        if (client.isEmpty()) {
                            client = Optional.of(Client.start(target, APP, () -> scene.marker("opened")));
                        }
                        Duration delay = Duration.ofMillis(200 + 150L * round + random.nextInt(400));
                        if (run.endsWithin(delay)) {
                            finished = Optional.of(run.await(Scene.PATIENCE));
                        } else {
                            kill(run);
                        }
                    }
                }
                PgconvoyProcess.Result result = finished.orElseGet(scene::run);

                assertThat(result.exitCode()).as(result.toString()).isZero();
                Set<Long> committed = client.orElseThrow().stop();
                assertThat(committed).isNotEmpty();
                scene.assertMoved(committed);
            } finally {
                client.ifPresent(Client::close);
            }
        }
    }
}
