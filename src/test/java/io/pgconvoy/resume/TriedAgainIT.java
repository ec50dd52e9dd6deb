package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions that an administrator or a proxy ends in the middle of a run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TriedAgainIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target =
            EmbeddedServer.start(ServerOptions.of("18").withoutSync());

    @TempDir
    private Path folder;

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @Test
    void aDumpIsBegunAnewWhereItsSessionIsTerminatedAndWhereItsSnapshotIs() throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            source.sql("app", "CREATE SEQUENCE held");
            HeldDump dump = new HeldDump(folder.resolve("bin"), "app");
            PgconvoyProcess.Result result;
            try (Obstacle before = dump.holdBefore();
                    PgconvoyProcess run = scene.start("--pg-bin", dump.folder().toString(), "--summary-json", json())) {
                dump.awaitReached(Scene.PATIENCE);
                try (Obstacle locked = Obstacle.transaction(source, "app", "ALTER SEQUENCE held RENAME TO other")) {
                    before.close();
                    terminate(source, "datname = 'app' AND wait_event_type = 'Lock'");
                    // Not before the next attempt has come by: it waits at its end.
                    try (Obstacle end = dump.hold()) {
                        locked.close();
                        dump.awaitReached(Scene.PATIENCE);
                        terminate(source, "datname = 'app' AND state = 'idle in transaction'");
                    }
                }
                result = run.await(Scene.PATIENCE);
            }

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stderr())
                    .contains("pg_dump failed", "dump: tried again in 1 s (attempt 2 of 3)", "tried again in 5 s");
            assertThat(Files.readString(Path.of(json())))
                    .contains("dump: tried again 2 times, after a terminated session (57P01)");
            scene.assertMoved();
        }
    }

    /** Where rows are streamed, it is the part that is copied again, over another session. */
    @ParameterizedTest
    @CsvSource({
        "DUMP, restore, after a terminated session (57P01)",
        "STREAM, copy of parts, after a lost connection",
    })
    void aRestoreAndACountAreDoneAgainWhereTheirSessionsAreTerminated(Transport transport, String what, String why)
            throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").by(transport)) {
            // It has nothing but its rows, so that the restore does not come back to it.
            source.sql("app", "CREATE TABLE held AS SELECT generate_series(1, 10) AS i");
            PgconvoyProcess.Result result;
            try (Moment.Holdup restore = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start("--summary-json", json(), "--no-analyze")) {
                restore.awaitReached(run);
                terminate(target, "datname = 'app' AND wait_event = 'PgSleep'");
                run.awaitLine(what + ": tried again", Scene.PATIENCE);
                restore.awaitReached(run);
                await().atMost(Scene.PATIENCE)
                        .untilAsserted(() -> assertThat(target.column("app", "SELECT i FROM held"))
                                .hasSize(10));
                try (Obstacle locked = Obstacle.transaction(target, "app", "LOCK TABLE held")) {
                    restore.close();
                    terminate(target, "datname = 'app' AND wait_event_type = 'Lock'");
                }
                result = run.await(Scene.PATIENCE);
            }

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(Files.readString(Path.of(json())))
                    .contains(
                            what + ": tried again once, " + why,
                            "verification: tried again once, after a terminated session (57P01)");
            assertThat(scene.marker("app", "dump-again")).doesNotExist();
            scene.assertMoved();
        }
    }

    @Test
    void aLookIntoADatabaseAndTheGlobalsAreDoneAgain() throws Exception {
        source.sql("postgres", "CREATE ROLE tried_again");
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            PgconvoyProcess.Result result;
            // A check reads the triggers.
            try (Obstacle triggers =
                            Obstacle.transaction(source, "app", "LOCK TABLE pg_trigger IN ACCESS EXCLUSIVE MODE");
                    Obstacle roles = Obstacle.transaction(target, "postgres", "LOCK TABLE pg_authid IN SHARE MODE");
                    PgconvoyProcess run = scene.start("--summary-json", json())) {
                terminate(source, "datname = 'app' AND wait_event_type = 'Lock'");
                triggers.close();
                terminate(target, "wait_event_type = 'Lock'");
                roles.close();
                result = run.await(Scene.PATIENCE);
            }

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(Files.readString(Path.of(json())))
                    .contains(
                            "the look into database \\\"app\\\": tried again once, after a terminated session (57P01)",
                            "globals: tried again once, after a terminated session (57P01)");
            assertThat(target.column("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'tried_again'"))
                    .hasSize(1);
            scene.assertMoved();
        } finally {
            source.sql("postgres", "DROP ROLE tried_again");
            target.sql("postgres", "DROP ROLE IF EXISTS tried_again");
        }
    }

    @Test
    void whatIsDoneForDeferredTablesIsDoneAgainWithoutTheRest() throws Exception {
        try (DeferredScene scene = new DeferredScene(source, target, folder, "--summary-json", json())) {
            PgconvoyProcess.Result result;
            try (DeferredScene.PartsHold parts = scene.holdUpParts();
                    Obstacle index = Obstacle.gate(target, DeferredScene.APP, "index");
                    Obstacle refresh = Obstacle.gate(target, DeferredScene.APP, "refresh");
                    PgconvoyProcess run = scene.start()) {
                parts.awaitReached(run);
                terminate(source, "wait_event_type = 'Lock' AND query LIKE 'COPY%big%'");
                parts.close();
                scene.awaitGate(run);
                terminate(target, "wait_event = 'PgSleep' AND query LIKE '%CREATE%INDEX%'");
                index.close();
                run.awaitLine("index builds: tried again", Scene.PATIENCE);
                scene.awaitSession(run, target, "wait_event = 'PgSleep' AND query LIKE '%REFRESH%'");
                terminate(target, "wait_event = 'PgSleep' AND query LIKE '%REFRESH%'");
                refresh.close();
                result = run.await(Scene.PATIENCE);
            }

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(Files.readString(Path.of(json())))
                    .contains(
                            "dump of parts: tried again",
                            "index builds: tried again",
                            "materialized views: tried again");
            scene.assertMoved(Set.of());
        }
    }

    @Test
    void deferredTablesAreDumpedInAnotherSnapshotWhereTheirsIsLostThoughClientsAreInvited() throws Exception {
        try (DeferredScene scene = new DeferredScene(source, target, folder, "--summary-json", json())) {
            PgconvoyProcess.Result result;
            try (DeferredScene.PartsHold parts = scene.holdUpParts();
                    PgconvoyProcess run = scene.start()) {
                parts.awaitReached(run);
                scene.awaitMarker(run, "opened");
                terminate(source, "datname = '" + DeferredScene.APP + "' AND state = 'idle in transaction'");
                run.awaitLine("dump of deferred tables: tried again", Scene.PATIENCE);
                parts.close();
                result = run.await(Scene.PATIENCE);
            }

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stderr()).doesNotContain("invalid snapshot");
            assertThat(Files.readString(Path.of(json())))
                    .contains("dump of deferred tables: tried again once, after a ");
            scene.assertMoved(Set.of());
        }
    }

    private String json() {
        return folder.resolve("summary.json").toString();
    }

    /** Ends sessions of the run, as soon as there are such. */
    private static void terminate(EmbeddedServer server, String which) {
        String sql =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy%' AND ";
        await().atMost(Scene.PATIENCE)
                .untilAsserted(
                        () -> assertThat(server.column("postgres", sql + which)).isNotEmpty());
    }
}
