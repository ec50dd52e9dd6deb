package io.pgconvoy.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.journal.DeferralMarkers.DroppedIndex;
import io.pgconvoy.testing.EmbeddedServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which indexes are in the load's way, and that they can be made again. */
class IndexDropIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void dropsWhatNothingDependsOn(String version) throws Exception {
        try (LoadScene scene = scene(version)) {
            scene.sql(
                    "CREATE SCHEMA other",
                    "CREATE TABLE big (id integer PRIMARY KEY, a integer UNIQUE, b integer NOT NULL, c int4range,"
                            + " EXCLUDE USING gist (c WITH &&))",
                    "CREATE TABLE \"not deferred\" (id integer)",
                    "CREATE INDEX ON \"not deferred\" (id)",
                    "CREATE UNIQUE INDEX referenced ON big (b)",
                    "CREATE TABLE referencing (b integer REFERENCES big (b))",
                    "CREATE UNIQUE INDEX identity ON big (b)",
                    "ALTER TABLE big REPLICA IDENTITY USING INDEX identity",
                    "CREATE INDEX \"Odd \"\"index\" ON big (abs(a) DESC) WITH (fillfactor = 50) WHERE b > 0",
                    "CREATE UNIQUE INDEX plain ON big (a, b)");
            scene.table("big", false, "id");
            scene.table("absent", false, "id");
            IndexDrop drop = new IndexDrop(scene.server());

            List<DroppedIndex> found = drop.find(scene.database(), scene.deferred());

            assertThat(found).extracting(DroppedIndex::name).containsExactly("Odd \"index", "plain");
            assertThat(drop.drop(scene.database(), found)).isEmpty();
            assertThat(drop.drop(scene.database(), found)).as("again").isEmpty();
            assertThat(drop.find(scene.database(), scene.deferred())).isEmpty();
            assertThat(scene.value("SELECT count(*) FROM pg_index WHERE indrelid = 'big'::regclass"))
                    .isEqualTo("5");
            for (DroppedIndex index : found) {
                scene.sql(index.definition());
            }
            assertThat(drop.find(scene.database(), scene.deferred())).isEqualTo(found);
        }
    }

    @Test
    void keepsWhatBelongsToAPartitionedParentsIndex() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql(
                    "CREATE TABLE parent (id integer, a integer) PARTITION BY RANGE (id)",
                    "CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (100)",
                    "CREATE INDEX attached ON parent (a)",
                    "CREATE INDEX own ON leaf (a, id)");
            scene.table("leaf", false, "id", "a");
            IndexDrop drop = new IndexDrop(scene.server());

            List<DroppedIndex> found = drop.find(scene.database(), scene.deferred());
            assertThat(found).extracting(DroppedIndex::name).containsExactly("own");
            assertThat(drop.drop(scene.database(), found)).isEmpty();
        }
    }

    @Test
    void reportsAnIndexThatHasBecomeAConstraintsMeanwhile() throws Exception {
        try (LoadScene scene = scene("18")) {
            scene.sql(
                    "CREATE TABLE big (id integer)",
                    "CREATE UNIQUE INDEX one ON big (id)",
                    "CREATE INDEX two ON big (id)");
            scene.table("big", false, "id");
            IndexDrop drop = new IndexDrop(scene.server());
            List<DroppedIndex> found = drop.find(scene.database(), scene.deferred());
            scene.sql("ALTER TABLE big ADD UNIQUE USING INDEX one");

            assertThat(drop.drop(scene.database(), found))
                    .singleElement()
                    .asString()
                    .contains("index public.one stays");
            assertThat(scene.column("SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'big'::regclass"))
                    .containsExactly("one");
        }
    }

    @Test
    void waitsForAClientWithoutHoldingUpTheOthers() throws Exception {
        try (LoadScene scene = scene("18");
                Connection client = scene.connect();
                Statement statement = client.createStatement()) {
            scene.sql("CREATE TABLE big (id integer)", "CREATE INDEX one ON big (id)");
            scene.table("big", false, "id");
            IndexDrop drop = new IndexDrop(scene.server());
            List<DroppedIndex> found = drop.find(scene.database(), scene.deferred());
            statement.execute("BEGIN");
            statement.execute("SELECT * FROM big");

            CompletableFuture<List<String>> dropping =
                    CompletableFuture.supplyAsync(() -> drop.drop(scene.database(), found));
            await().atMost(Duration.ofSeconds(30)).until(() -> isWaiting(scene));
            // A reader behind it gets through, although the client in front keeps its lock.
            assertThat(scene.value("SELECT count(*) FROM big")).isEqualTo("0");
            assertThat(dropping).isNotDone();
            statement.execute("COMMIT");

            assertThat(dropping.get(30, TimeUnit.SECONDS)).isEmpty();
            assertThat(drop.find(scene.database(), scene.deferred())).isEmpty();
        }
    }

    private static boolean isWaiting(LoadScene scene) throws SQLException {
        return scene.value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                        + " WHERE NOT l.granted AND a.datname = current_database()")
                .equals("1");
    }

    private LoadScene scene(String version) throws SQLException {
        assumeTrue(EmbeddedServer.available(version));
        return new LoadScene(EmbeddedServer.shared(version), folder);
    }
}
