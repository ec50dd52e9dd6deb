package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestProxy;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that says nothing any more, and closes nothing, when the run is to stop. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class SilentNetworkIT {
    /** What is promised are 10 s; a busy machine has somewhat more. */
    private static final Duration SOON = Duration.ofSeconds(25);

    private static final String IMPATIENT =
            "keepalives_idle=2&keepalives_interval=1&keepalives_count=3&connect_timeout=3";

    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");
    private final TestProxy toSource = TestProxy.before(source.port());
    private final TestProxy toTarget = TestProxy.before(target.port());

    @AfterAll
    void stop() {
        toSource.close();
        toTarget.close();
        source.close();
        target.close();
    }

    @BeforeEach
    void speak() throws Exception {
        toSource.speak();
        toTarget.speak();
        target.sql("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    }

    @Test
    void aSilentSourceKeepsNothingFromBeingPutBackOnTheTarget(@TempDir Path folder) throws Exception {
        try (Scene scene = scene(folder)) {
            try (Moment.Holdup holdup = Moment.DUMP.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                toSource.silence();
                run.signal("TERM");

                PgconvoyProcess.Result result = run.await(SOON);
                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(130);
                assertThat(result.stderr())
                        .contains("stopping: 1 pg_dump; then the target's tuning is reverted")
                        .contains("the target's tuning is reverted: ");
                assertThat(scene.isTuned()).isFalse();
            }
            assertGoesOn(scene, toSource);
        }
    }

    @Test
    void aSilentTargetIsGivenUpSoonAndWhatIsLeftThereIsSaid(@TempDir Path folder) throws Exception {
        try (Scene scene = scene(folder)) {
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                toTarget.silence();
                run.signal("INT");

                PgconvoyProcess.Result result = run.await(SOON);
                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(11);
                assertThat(result.stderr())
                        .contains((scene.streams() ? "stopping" : "stopping: 1 pg_restore")
                                + "; then the target's tuning is reverted")
                        .contains("the target's tuning is not reverted: ", "pgconvoy revert-tuning");
            }
            assertGoesOn(scene, toTarget);
        }
    }

    @Test
    void aSecondSignalEndsItAtOnceAndSaysWhatIsLeft(@TempDir Path folder) throws Exception {
        try (Scene scene = scene(folder)) {
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                toTarget.silence();
                run.signal("INT");
                run.awaitLine("stopping[:;] ", SOON);
                run.signal("TERM");

                PgconvoyProcess.Result result = run.await(SOON);
                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(130);
                assertThat(result.stderr())
                        .containsPattern(
                                "stopped at once; target 127.0.0.1:\\d+ is still tuned, .*pgconvoy revert-tuning"
                                        + " --to-host 127.0.0.1 --to-port \\d+ --to-user \\S+ --state-dir ");
                assertThat(scene.isTuned()).isTrue();
            }
            assertGoesOn(scene, toTarget);
        }
    }

    /** Rows are under way, for which the system alone would wait a quarter of an hour. */
    @ParameterizedTest
    @EnumSource(Transport.class)
    void aTargetThatFallsSilentIsLostAndTheRunEndsByItself(Transport transport, @TempDir Path folder) throws Exception {
        try (Scene scene = scene(folder).with("later").withParameters(IMPATIENT).by(transport)) {
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start("--reconnect-timeout", "3s")) {
                holdup.awaitReached(run);
                toTarget.silence();

                PgconvoyProcess.Result result = run.await(Scene.PATIENCE.plusSeconds(60));
                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(11);
                assertThat(result.stderr())
                        .containsOnlyOnce(
                                "has not answered for 5 s, nor anybody who connects: its sessions are broken off")
                        .contains("is gone, so nothing more is begun")
                        .contains("the target's tuning is not reverted");
            }
            assertGoesOn(scene, toTarget);
        }
    }

    /** It has sent all rows of one table, and is waited for with another one's. */
    @Test
    void aSourceThatFallsSilentWhileItsRowsAreReadIsLostAndTheRunEndsByItself(@TempDir Path folder) throws Exception {
        try (Scene scene = scene(folder).with("later").withParameters(IMPATIENT).by(Transport.STREAM)) {
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start("--reconnect-timeout", "3s")) {
                holdup.awaitReached(run);
                toSource.silence();
                holdup.close();

                PgconvoyProcess.Result result = run.await(Scene.PATIENCE.plusSeconds(60));
                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(10);
                assertThat(result.stderr()).contains("is gone, so nothing more is begun");
                assertThat(scene.isTuned()).isFalse();
            }
            assertGoesOn(scene, toSource);
        }
    }

    private static void assertGoesOn(Scene scene, TestProxy server) throws Exception {
        server.speak();
        assertThat(scene.run().exitCode()).isZero();
        scene.assertMoved();
    }

    private Scene scene(Path folder) throws Exception {
        return new Scene(source, target, folder).with("app").through(toSource.port(), toTarget.port());
    }
}
