package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A crash of the target empties unlogged tables, whatever a marker says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashedTargetIT {
    private static final String COUNT = "SELECT count(*) FROM cache";

    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @TempDir
    private Path folder;

    private Scene scene;

    @BeforeEach
    void prepare() throws SQLException {
        scene = new Scene(source, target, folder).with("app");
        source.sql(
                "app",
                "CREATE UNLOGGED TABLE cache (id serial, text text)",
                "CREATE UNLOGGED TABLE unused (id int)",
                "INSERT INTO cache (text) SELECT 'x' || i FROM generate_series(1, 500) i");
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
    void whatIsVerifiedIsRestoredAgain() throws Exception {
        try (Moment.Holdup holdup = Moment.SETTINGS.holdUp(scene, "app");
                PgconvoyProcess run = scene.start()) {
            holdup.awaitReached(run);
            run.signal("KILL");
            run.await(Scene.PATIENCE);
        }
        scene.awaitNoTools();
        crash();
        assertThat(target.value("app", COUNT)).isEqualTo("0");

        PgconvoyProcess.Result result = scene.run();

        assertDone(result);
        assertThat(result.stderr()).contains("app: restored again, since a crash of the target server emptied");
        // Of what was streamed there is no dump to restore again.
        assertThat(result.stderr().contains("app: dump took")).isEqualTo(scene.streams());
        assertThat(target.value("app", COUNT)).isEqualTo("500");
        scene.assertMoved();
    }

    @Test
    void whatIsCompleteIsMovedAgainUnlessClientsHaveWritten() throws Exception {
        assertDone(scene.run());
        crash();
        assertThat(target.value("app", COUNT)).isEqualTo("0");

        PgconvoyProcess.Result again = scene.run();

        assertDone(again);
        assertThat(again.stderr())
                .contains("app: restored again, since a crash of the target server emptied", "(1/1 databases)")
                .doesNotContain("complete since an earlier run");
        assertThat(target.value("app", COUNT)).isEqualTo("500");

        target.sql("app", "UPDATE plain SET text = 'a client''s' WHERE id = 7");
        crash();

        PgconvoyProcess.Result kept = scene.run();

        assertThat(kept.exitCode()).as(kept.stderr()).isEqualTo(3);
        assertThat(kept.stdout()).contains("public.cache", "plain has 1 new or changed rows", "--redo 'app'");
        assertThat(target.value("app", "SELECT text FROM plain WHERE id = 7")).isEqualTo("a client's");

        target.sql("app", "INSERT INTO cache (text) VALUES ('by hand')");
        assertThat(target.value("app", "SELECT setval('cache_id_seq', 501)")).isEqualTo("501");
        assertDone(scene.run());
        assertDone(scene.run("--redo", "app"));
        scene.assertMoved();
    }

    /** From 15 on sequences are unlogged, too, and a crash has them begin anew. */
    @Test
    void aSequenceThatHasHandedOutNothingYetIsFilledAsWell() throws Exception {
        EmbeddedServer newer = EmbeddedServer.shared("18");
        try (Scene other = new Scene(newer, target, folder.resolve("newer")).with("counting")) {
            newer.sql("counting", "CREATE UNLOGGED SEQUENCE waiting", "SELECT setval('waiting', 300, false)");
            assertDone(other.run());
            crash();
            assertThat(target.value("counting", "SELECT last_value FROM waiting"))
                    .isEqualTo("1");

            PgconvoyProcess.Result again = other.run();

            assertDone(again);
            assertThat(again.stderr()).contains("emptied its unlogged table public.waiting");
            assertThat(target.value("counting", "SELECT last_value FROM waiting"))
                    .isEqualTo("300");
        }
    }

    @Test
    void aCleanRestartIsNoCrash() throws Exception {
        assertDone(scene.run());
        target.stop();
        target.restart();

        PgconvoyProcess.Result result = scene.run();

        assertDone(result);
        assertThat(result.stderr())
                .contains("complete since an earlier run: 1 of 1")
                .doesNotContain("restored again");
        assertThat(target.value("app", COUNT)).isEqualTo("500");
    }

    private void crash() {
        target.killImmediate();
        target.restart();
    }

    private static void assertDone(PgconvoyProcess.Result result) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    }
}
