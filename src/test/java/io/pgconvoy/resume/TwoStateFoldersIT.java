package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Runs into one target from two state folders, as from two machines. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoStateFoldersIT {
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

    @Test
    void theLastOfTwoRevertsWhatTheFirstHasTuned() throws Exception {
        target.sql("postgres", "ALTER SYSTEM SET max_wal_size = '1100MB'", "SELECT pg_reload_conf()");
        try (Scene first = new Scene(source, target, folder.resolve("one")).with("app");
                Scene second = new Scene(source, target, folder.resolve("two")).with("other")) {
            PgconvoyProcess.Result result;
            try (Moment.Holdup holdup = Moment.LOCK.holdUp(second, "other");
                    PgconvoyProcess late = second.start("--share-target")) {
                holdup.awaitReached(late);
                assertThat(second.isTuned()).isTrue();

                PgconvoyProcess.Result refused = first.run("--drop-existing");
                assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(12);
                PgconvoyProcess.Result early = first.run("--share-target", "--drop-existing");
                assertThat(early.exitCode()).as(early.stdout() + early.stderr()).isZero();
                assertThat(early.stderr())
                        .contains("the target is tuned by another run", "stays until the last run ends")
                        .doesNotContain("fsync: on -> off");
                assertThat(second.isTuned()).as("the other one goes on with it").isTrue();
                PgconvoyProcess.Result verified = verify("app");
                assertThat(verified.exitCode()).as(verified.stdout()).isZero();
                assertThat(verified.stderr() + verified.stdout())
                        .contains(
                                "is at work on target", "another pgconvoy (process ", "verify again when it has ended");
                holdup.close();
                result = late.await(Scene.PATIENCE);
            }
            assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
            first.assertMoved();
            second.assertMoved();
        } finally {
            target.sql("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
        }
    }

    private PgconvoyProcess.Result verify(String database) {
        return PgconvoyProcess.run(
                List.of(
                        "verify",
                        "--from-host=" + source.host(),
                        "--from-port=" + source.port(),
                        "--to-host=" + target.host(),
                        "--to-port=" + target.port(),
                        "--include-db=" + database),
                Map.of(),
                Scene.PATIENCE);
    }

    @Test
    void whatAKilledRunLeftTunedIsToldAndRevertedFromElsewhere() throws Exception {
        try (Scene killed = new Scene(source, target, folder.resolve("three")).with("app");
                Scene elsewhere = new Scene(source, target, folder.resolve("four")).with("other")) {
            try (Moment.Holdup holdup = Moment.RESTORE.holdUp(killed, "app");
                    PgconvoyProcess run = killed.start()) {
                holdup.awaitReached(run);
                run.signal("KILL");
                run.await(Scene.PATIENCE);
            }
            killed.awaitNoTools();

            PgconvoyProcess.Result dry = elsewhere.run("--dry-run");
            assertThat(dry.stdout() + dry.stderr())
                    .contains("still has an earlier run's tuning in force", "fsync is off (before: on)")
                    .contains("pgconvoy revert-tuning --to-host " + target.host());
            target.sql("postgres", "CREATE DATABASE other");
            PgconvoyProcess.Result refused = elsewhere.run();
            assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(13);
            assertThat(refused.stderr()).contains("fsync is off (before: on)");

            Files.createDirectories(elsewhere.stateDir());
            PgconvoyProcess.Result revert = elsewhere.revertTuning();
            assertThat(revert.exitCode()).as(revert.stderr()).isZero();
            assertThat(revert.stdout()).contains("fsync: on again");
            assertThat(elsewhere.isTuned()).isFalse();
            PgconvoyProcess.Result again = killed.run("--dry-run");
            assertThat(again.stdout() + again.stderr())
                    .as("its journal does not know of that")
                    .doesNotContain("tuning in force");
            assertThat(killed.run().exitCode()).isZero();
            killed.assertMoved();
        }
    }
}
