package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** kill -9 of a run, and what the next one makes of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledRunIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    KilledRunIT() throws Exception {
        source.sql("postgres", "ALTER ROLE ALL SET lock_timeout = '17s'");
        target.sql(
                "postgres",
                "ALTER SYSTEM SET max_wal_size = '1100MB'",
                "ALTER SYSTEM SET autovacuum = 'yes'",
                "ALTER SYSTEM SET work_mem = '6MB'",
                "SELECT pg_reload_conf()");
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void isGoneOnWithByTheNextRun(Moment moment, @TempDir Path folder) throws Exception {
        source.sql("postgres", "CREATE ROLE role_" + moment);
        target.sql("postgres", "ALTER ROLE ALL RESET ALL");
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            if (moment == Moment.LAST) {
                source.sql("postgres", "ALTER DATABASE app RESET ALL");
            }
            killAt(moment, scene);
            assertThat(scene.isTuned()).isTrue();
            assertThat(Files.exists(scene.marker("app", "completed"))).isEqualTo(moment == Moment.LAST);
            scene.awaitNoTools();

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stderr()).contains("an earlier run's tuning of the target is reverted");
            scene.assertMoved();
        }
    }

    @Test
    void leavesNoDatabaseUnderItsTemporaryName(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            killAt(Moment.RESTORE, scene);
            scene.awaitNoTools();
            // As if it had been killed between the marker and the renaming.
            String temporary = "pgconvoy_" + scene.id() + "_"
                    + source.value("postgres", "SELECT oid FROM pg_database WHERE datname = 'app'");
            target.sql(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'app'",
                    "ALTER DATABASE app RENAME TO " + temporary);

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            scene.assertMoved();
        }
    }

    @Test
    void leavesNoDatabaseThatNoMarkerTellsOf(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").with("gone")) {
            killAt(Moment.RESTORE, scene);
            scene.awaitNoTools();
            // As if it had been killed between the creation and the marker; and one whose source went away since.
            String prefix = "pgconvoy_" + scene.id() + "_";
            target.sql(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'app'",
                    "ALTER DATABASE app RENAME TO " + prefix
                            + source.value("postgres", "SELECT oid FROM pg_database WHERE datname = 'app'"),
                    "CREATE DATABASE " + prefix + "1");
            Files.delete(scene.marker("app", "created"));
            scene.without("gone");

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            scene.assertMoved();
        }
    }

    /** Of every round, whenever it is killed, either nothing remains, or what the next one can build on. */
    @Test
    void comesToItsEndHoweverOftenItIsKilled(@TempDir Path folder) throws Exception {
        Random random = new Random(20261120);
        try (Scene scene =
                new Scene(source, target, folder).with("app").with("second").with("third")) {
            Optional<PgconvoyProcess.Result> finished = Optional.empty();
            for (int round = 0; finished.isEmpty() && round < 8; round++) {
                try (PgconvoyProcess run = scene.start()) {
                    run.awaitLine("client tools", Scene.PATIENCE);
                    Duration delay = Duration.ofMillis(200 + 250L * round + random.nextInt(300));
                    if (run.endsWithin(delay)) {
                        finished = Optional.of(run.await(Scene.PATIENCE));
                    } else {
                        run.signal("KILL");
                        run.await(Scene.PATIENCE);
                    }
                }
            }
            PgconvoyProcess.Result result = finished.orElseGet(scene::run);

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            scene.assertMoved();
        }
    }

    /** Without util-linux's setpriv nothing ends the tools of a killed run but the next run. */
    @ParameterizedTest
    @EnumSource(names = {"DUMP", "RESTORE"})
    void endsTheToolsThatOutlivedAKilledRun(Moment moment, @TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app")) {
            try (Moment.Holdup holdup = moment.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start(Map.of("PATH", folder.toString()))) {
                holdup.awaitReached(run);
                run.signal("KILL");
                run.await(Scene.PATIENCE);
                assertThat(scene.tools()).isNotEmpty();
            }

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            scene.assertMoved();
        }
    }

    private static void killAt(Moment moment, Scene scene) throws Exception {
        try (Moment.Holdup holdup = moment.holdUp(scene, "app");
                PgconvoyProcess run = scene.start()) {
            holdup.awaitReached(run);
            run.signal("KILL");
            assertThat(run.await(Scene.PATIENCE).exitCode()).isEqualTo(137);
        }
    }
}
