package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterruptedRunIT {
    private final EmbeddedServer source =
            EmbeddedServer.start(ServerOptions.of("14").withoutSync());
    private final EmbeddedServer target = EmbeddedServer.start("18");

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @AfterEach
    void forgetTuning() throws Exception {
        target.sql("postgres", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    }

    @ParameterizedTest
    @CsvSource({
        "TUNED, INT, DUMP",
        "DUMP, TERM, DUMP",
        "RESTORE, INT, DUMP",
        "RESTORE, INT, STREAM",
        "VERIFY, TERM, DUMP",
        "LAST, TERM, DUMP"
    })
    void putsTheTargetBackAndIsGoneOnWith(Moment moment, String signal, Transport transport, @TempDir Path folder)
            throws Exception {
        source.sql("postgres", "CREATE ROLE role_" + moment + transport, "ALTER ROLE ALL SET lock_timeout = '17s'");
        target.sql("postgres", "ALTER ROLE ALL RESET ALL");
        try (Scene scene =
                new Scene(source, target, folder).with("app").with("other").by(transport)) {
            // The smaller one is moved first, and one at a time: so it is the one that is held up.
            source.sql("other", "CREATE TABLE filler AS SELECT g FROM generate_series(1, 50000) AS g");
            if (moment == Moment.LAST) {
                source.sql("postgres", "ALTER DATABASE app RESET ALL", "ALTER DATABASE other RESET ALL");
            }
            try (Moment.Holdup holdup = moment.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                assertThat(scene.isTuned()).isTrue();
                run.signal(signal);

                assertInterrupted(run.await(Scene.PATIENCE), moment);
                // Before what held it up is gone: nothing of it waits there any more.
                scene.assertNothingIsLeftRunning();
            }

            PgconvoyProcess.Result result = scene.run();

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            scene.assertMoved();
        }
    }

    @Test
    void saysWhereItStandsAndInTheEndWhatIsLeft(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").with("later")) {
            Path summary = folder.resolve("summary.json");
            try (Moment.Holdup holdup = Moment.ANALYZE.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start("--summary-json", summary.toString())) {
                holdup.awaitReached(run);
                run.signal("USR1");
                run.awaitLine("status: ./2 databases, .* to do", Scene.PATIENCE);
                run.awaitLine("status: app: ", Scene.PATIENCE);
                run.signal("USR2");
                run.signal("CONT");
                assertThat(run.isAlive()).isTrue();
                run.signal("INT");
                PgconvoyProcess.Result result = run.await(Scene.PATIENCE);

                assertInterrupted(result, Moment.ANALYZE);
                assertThat(result.stdout())
                        .containsPattern("app .* - .*interrupted \\(restored\\)")
                        .containsPattern("(?m)^Interrupted[.] . complete, . under way, . to do[.] To go on:"
                                + " pgconvoy migrate --from-host .* --include-db app ");
                assertThat(result.stderr() + result.stdout()).doesNotContain("Run the same command again");
            }
            JsonNode json = new ObjectMapper().readTree(summary.toFile());
            assertThat(json.path("exit_code").intValue()).isEqualTo(130);
            assertThat(json.path("error").textValue()).isEqualTo("interrupted");
            assertThat(json.path("hint").textValue()).startsWith("To go on: pgconvoy migrate ");
            JsonNode app = StreamSupport.stream(json.path("databases").spliterator(), false)
                    .filter(database -> database.path("name").textValue().equals("app"))
                    .findFirst()
                    .orElseThrow();
            assertThat(app.path("outcome").textValue()).isEqualTo("interrupted");
            assertThat(app.path("detail").textValue()).isEqualTo("restored");
            assertThat(app.path("tables").isNull()).isTrue();
        }
    }

    @Test
    void stillLooksForWhatWasWrittenToTheSourceMeanwhile(@TempDir Path folder) throws Exception {
        try (Scene scene = new Scene(source, target, folder).with("app").with("other")) {
            // So it is moved last.
            source.sql("other", "CREATE TABLE filler AS SELECT g FROM generate_series(1, 50000) AS g");
            try (Moment.Holdup holdup = Moment.DUMP.holdUp(scene, "other");
                    PgconvoyProcess run = scene.start()) {
                run.awaitLine("app: complete", Scene.PATIENCE);
                holdup.awaitReached(run);
                source.sql("app", "INSERT INTO plain VALUES (0, 'later')");
                run.signal("INT");
                PgconvoyProcess.Result result = run.await(Scene.PATIENCE);

                assertThat(result.exitCode()).as(result.stderr()).isEqualTo(130);
                assertThat(result.stderr())
                        .contains("app: complete")
                        .doesNotContain("on the source after its snapshot is not known: interrupted");
            }
        }
    }

    private static void assertInterrupted(PgconvoyProcess.Result result, Moment moment) {
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(130);
        assertThat(result.stderr())
                .contains("the target's tuning is reverted: ")
                .doesNotContain("bug", "failed");
        if (moment != Moment.TUNED) {
            assertThat(result.stdout()).contains("app ", moment == Moment.LAST ? "complete" : "interrupted");
        }
    }
}
