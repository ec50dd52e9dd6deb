package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While one database is being restored, the next one is being dumped already. */
class OverlapIT {
    private static final List<String> DATABASES = List.of("one", "two", "three", "four");

    @TempDir
    private Path folder;

    private record Phase(Instant start, Instant end) {
        static Phase of(JsonNode node) {
            Instant start = Instant.parse(node.get("started_at").asText());
            return new Phase(
                    start,
                    start.plus(Duration.ofMillis(
                            Math.round(node.get("elapsed_seconds").asDouble() * 1000))));
        }
    }

    @Test
    void dumpsTheNextDatabaseWhileOneIsRestored() throws SQLException {
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of("9.6").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            for (String database : DATABASES) {
                source.sql("postgres", "CREATE DATABASE " + database);
                source.sql(
                        database,
                        "CREATE TABLE t AS SELECT i, md5(i::text) AS t FROM generate_series(1, 60000) i",
                        "CREATE INDEX ON t (i)",
                        "CREATE INDEX ON t (t)");
            }

            Move.Moved moved = new Move(source, target, folder).run("--max-parallel=1", "--dump-jobs=1");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            List<Phase> dumps = phases(moved, "dump");
            List<Phase> restores = phases(moved, "restore");
            for (int i = 1; i < DATABASES.size(); i++) {
                assertThat(dumps.get(i).start())
                        .as("dumps follow each other")
                        .isAfterOrEqualTo(dumps.get(i - 1).end());
                assertThat(restores.get(i).start())
                        .as("restores follow each other")
                        .isAfterOrEqualTo(restores.get(i - 1).end());
                assertThat(dumps.get(i).start())
                        .as("dump %d starts before restore %d ends", i + 1, i)
                        .isBefore(restores.get(i - 1).end());
            }
            assertThat(moved.summary().get("overlap_seconds").asDouble()).isPositive();
        }
    }

    /** In the order in which the databases were moved, which is the summary's. */
    private static List<Phase> phases(Move.Moved moved, String name) {
        return moved.databases().stream()
                .map(database -> Phase.of(moved.database(database).get(name)))
                .toList();
    }
}
