package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody changes the target between the restore and the comparison. */
class TamperedTargetIT {
    @Test
    void isNamedUntilItIsMended(@TempDir Path folder) throws Exception {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18");
                Scene scene = new Scene(source, target, folder).with("app")) {
            source.sql("app", "CREATE INDEX by_id ON plain (id)", "COMMENT ON TABLE plain IS 'as it was'");
            source.sql("postgres", "ALTER DATABASE app SET work_mem = '9MB'");
            try (Moment.Holdup holdup = Moment.SETTINGS.holdUp(scene, "app");
                    PgconvoyProcess run = scene.start()) {
                holdup.awaitReached(run);
                // Locks of the restore look the same for a moment.
                await().atMost(Scene.PATIENCE)
                        .untilAsserted(() ->
                                assertThat(scene.marker("app", "verified")).exists());
                run.signal("KILL");
                run.await(Scene.PATIENCE);
            }
            scene.awaitNoTools();
            scene.with("second");
            target.sql("app", "DROP INDEX by_id", "COMMENT ON TABLE plain IS 'as it is'");

            Path summary = folder.resolve("summary.json");
            PgconvoyProcess.Result result = scene.run("--summary-json", summary.toString());

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
            assertThat(result.stdout())
                    .contains("index public.by_id is missing on the target")
                    .contains(
                            "table public.plain comment is \"as it was\" on the source and \"as it is\" on the target");
            JsonNode database = database(summary, "app");
            assertThat(database.get("outcome").asText()).isEqualTo("differs");
            assertThat(database.get("detail").asText()).contains("2 things differ");
            assertThat(database(summary, "second").get("outcome").asText()).isEqualTo("complete");
            assertThat(target.value("app", "SHOW work_mem"))
                    .as("its settings are applied nevertheless")
                    .isEqualTo("9MB");
            assertThat(scene.marker("app", "compared")).doesNotExist();
            assertThat(scene.marker("app", "completed")).doesNotExist();
            scene.assertNothingIsLeftRunning();

            target.sql("app", "CREATE INDEX by_id ON plain (id)", "COMMENT ON TABLE plain IS 'as it was'");
            PgconvoyProcess.Result again = scene.run("--summary-json", summary.toString());

            assertThat(again.exitCode()).as(again.stderr()).isZero();
            assertThat(database(summary, "app").get("outcome").asText()).isEqualTo("complete");
            assertThat(database(summary, "second").get("outcome").asText()).isEqualTo("earlier");
            scene.assertMoved();
        }
    }

    private static JsonNode database(Path summary, String name) throws Exception {
        for (JsonNode database :
                new ObjectMapper().readTree(Files.readString(summary)).get("databases")) {
            if (database.get("name").asText().equals(name)) {
                return database;
            }
        }
        throw new AssertionError("no database " + name);
    }
}
