package io.pgconvoy.resume;

import static io.pgconvoy.resume.DeferredScene.APP;
import static io.pgconvoy.resume.DeferredScene.kill;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Deferred tables whose snapshot is lost, whose run is interrupted, or whose server goes away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeferredInterruptionIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @TempDir
    private Path folder;

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    private DeferredScene scene() throws Exception {
        return new DeferredScene(source, target, folder);
    }

    /** Kills a run that has opened the database and still dumps parts. */
    private static void loseSnapshot(DeferredScene scene) throws Exception {
        try (DeferredScene.PartsHold parts = scene.holdUpParts();
                PgconvoyProcess run = scene.start()) {
            parts.awaitReached(run);
            run.awaitLine("\"app\" is open for clients", Scene.PATIENCE);
            kill(run);
        }
        assertThat(scene.marker("parts-dumped")).doesNotExist();
    }

    @Test
    void onlyDeferredTablesAreDumpedAgainWhileTheOthersAreAsTheyWere() throws Exception {
        try (DeferredScene scene = scene();
                Client client = Client.start(target, APP, () -> scene.marker("opened"))) {
            loseSnapshot(scene);
            client.awaitMore();
            source.sql(
                    APP,
                    "SELECT setval('big_id_seq', 20000)",
                    "INSERT INTO big (parent, text) SELECT 1, 'late' || i FROM generate_series(1, 50) i",
                    "UPDATE big SET text = 'changed' WHERE id % 100 = 1",
                    "DELETE FROM big WHERE id % 1000 = 2 AND id NOT IN (SELECT big FROM note)",
                    "DELETE FROM log WHERE at % 3 = 1",
                    // A regular table, in which the trigger has told of these.
                    "DELETE FROM seen");

            scene.complete();

            client.awaitMore();
            scene.assertMoved(client.stop());
        }
    }

    @Test
    void allIsMovedAnewWhereNobodyHasWrittenToIt() throws Exception {
        try (DeferredScene scene = scene()) {
            loseSnapshot(scene);
            source.sql(
                    APP,
                    "INSERT INTO plain VALUES (301, 'new')",
                    "DROP TABLE log",
                    "CREATE TABLE log AS SELECT i AS at, 'another' AS text FROM generate_series(1, 200) i",
                    "CREATE INDEX log_at ON log (at)");
            // As if a run had been killed while it looked.
            target.sql("postgres", "ALTER DATABASE app ALLOW_CONNECTIONS false");

            scene.complete();

            scene.assertMoved(Set.of());
        }
    }

    @Test
    void whatBothSidesHaveWrittenIsForTheAdministratorToDecide() throws Exception {
        try (DeferredScene scene = scene()) {
            loseSnapshot(scene);
            target.sql(APP, "CREATE TABLE made ()");
            source.sql(APP, "UPDATE plain SET text = 'new' WHERE id = 7");

            assertRefused(scene.run(), "clients have written", "table public.made was made", "public.plain has 1 new");

            target.sql(APP, "DROP TABLE made");
            try (Client client = Client.start(target, APP, () -> scene.marker("opened"))) {
                client.awaitMore();
                assertRefused(scene.run(), "clients have written", "public.seen has", "public.plain has 1 new");
                byte[] dumped = Files.readAllBytes(scene.marker("dumped"));
                scene.deleteMarkers("dumped");
                assertRefused(scene.run(), "'dumped' is gone");
                Files.write(scene.marker("dumped"), dumped);
                client.awaitMore();
                Set<Long> committed = client.stop();
                assertThat(target.value(APP, "SELECT count(*) FROM big")).isEqualTo(String.valueOf(committed.size()));
            }
            TestDatabases.drop(target, APP);

            scene.complete();

            scene.assertMoved(Set.of());
        }
    }

    private static void assertRefused(PgconvoyProcess.Result result, String... words) {
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
        assertThat(result.stdout()).contains(words);
    }

    @Test
    void aSignalEndsDumpLoadAndBuildAtOnce() throws Exception {
        try (DeferredScene scene = scene();
                Client client = Client.start(target, APP, () -> scene.marker("opened"))) {
            try (DeferredScene.PartsHold parts = scene.holdUpParts();
                    PgconvoyProcess run = scene.start()) {
                parts.awaitReached(run);
                run.awaitLine("\"app\" is open for clients", Scene.PATIENCE);
                run.signal("TERM");
                assertInterrupted(scene, run);
                assertThat(scene.scene().dumpRoot().resolve("app/parts")).doesNotExist();
            }
            try (Obstacle row = scene.holdUpPart();
                    PgconvoyProcess run = scene.start()) {
                scene.awaitPart(run);
                run.signal("INT");
                assertInterrupted(scene, run);
            }
            try (Obstacle gate = Obstacle.gate(target, APP, "index");
                    PgconvoyProcess run = scene.start()) {
                scene.awaitGate(run);
                run.signal("TERM");
                assertInterrupted(scene, run);
            }
            client.awaitMore();

            scene.complete();

            Set<Long> committed = client.stop();
            scene.assertMoved(committed);
            assertMarkersMayBeDeleted(scene, committed);
        }
    }

    /** Before what held the run up is gone: nothing of it waits there any more. */
    private static void assertInterrupted(DeferredScene scene, PgconvoyProcess run) throws Exception {
        PgconvoyProcess.Result result = run.await(Scene.PATIENCE);
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(130);
        assertThat(result.stderr())
                .contains("the target's tuning is reverted: ")
                .doesNotContain("bug", "failed");
        scene.scene().assertNothingIsLeftRunning();
    }

    /** The dump is gone: what cannot be done again is refused, and nothing is lost over it. */
    private static void assertMarkersMayBeDeleted(DeferredScene scene, Set<Long> committed) throws Exception {
        scene.deleteMarkers("opened", "indexes-dropped", "parts-loaded", "indexes-built");
        scene.complete();
        scene.deleteMarkers("foreign-keys-validated", "matviews-refreshed", "completed");
        scene.complete();
        scene.deleteMarkers("deferred-verified");
        assertRefused(scene.run(), "its archive is gone");
        scene.deleteMarkers("deferred", "completed");
        assertRefused(scene.run(), "'deferred' is gone");
        scene.assertMoved(committed);
    }

    @Test
    void aTargetThatCrashesInTheLoadHasEachRowOnce() throws Exception {
        try (DeferredScene scene = scene()) {
            // A crash empties it, and what says that it was loaded.
            source.sql(APP, "ALTER TABLE log SET UNLOGGED");
            // It is to be locked before the load begins, which another database's restore has wait.
            scene.with("other");
            try (Obstacle restore = Obstacle.gate(target, "other", "restore");
                    Obstacle gate = Obstacle.gate(target, APP, "index");
                    PgconvoyProcess run = scene.start()) {
                scene.awaitMarker(run, "opened");
                try (Obstacle row = scene.holdUpPart()) {
                    restore.close();
                    scene.awaitPart(run);
                    target.killImmediate();
                    target.restart();
                }
                // The load is patient enough for a server that is soon back.
                scene.awaitMarker(run, "parts-loaded");
                scene.awaitGate(run);
                target.killImmediate();
                target.restart();
                gate.close();
                assertThat(run.await(Scene.PATIENCE).exitCode()).isEqualTo(3);
            }

            scene.complete();

            scene.assertMoved(Set.of());
        }
    }

    @Test
    void aSourceThatRestartsHasThePartsDumpedAgainInTheSameRun() throws Exception {
        try (DeferredScene scene = scene().with("other");
                Client client = Client.start(target, APP, () -> scene.marker("opened"))) {
            PgconvoyProcess.Result result;
            try (DeferredScene.PartsHold parts = scene.holdUpParts();
                    PgconvoyProcess run = scene.start()) {
                parts.awaitReached(run);
                run.awaitLine("\"app\" is open for clients", Scene.PATIENCE);
                source.killImmediate();
                source.restart();
                result = run.await(Scene.PATIENCE);
            }
            assertThat(result.exitCode()).as(result.toString()).isZero();
            assertThat(result.stdout()).contains("dump of deferred tables: tried again once");
            assertThat(scene.scene().marker("other", "completed")).exists();

            scene.assertMoved(client.stop());
        }
    }
}
