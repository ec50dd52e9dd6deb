package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients and damaged files do to some deferred tables is named, the others are finished, a rerun completes all. */
class DeferredFailuresIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    void namesWhatFailsAndFinishesTheRest() throws Exception {
        EmbeddedServer source = EmbeddedServer.shared("14");
        EmbeddedServer target = EmbeddedServer.shared("18");
        try (TestDatabases databases = TestDatabases.on(source);
                TestDatabases arrived = TestDatabases.on(target)) {
            String bad = arrived.alsoDrop(databases.create("bad"));
            String other = arrived.alsoDrop(databases.create("gate"));
            fill(source, bad);
            source.sql(other, "CREATE TABLE gate (i integer)");
            Move move = new Move(source, target, folder);
            String[] options = {
                "--include-db=" + bad,
                "--include-db=" + other,
                "--max-parallel=2",
                "--delay-table-data=" + bad + ".t_*",
                "--part-size=1MB",
                "--migrate-globals=false"
            };
            Path damaged;
            byte[] copy;
            PgconvoyProcess.Result result;
            try (Gate dump = Gate.beforeDump(source, other, "gate");
                    PgconvoyProcess pgconvoy = move.start(options)) {
                pgconvoy.awaitLine("database \"" + bad + "\" is open for clients; 7 tables follow", PATIENCE);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() ->
                                !files(move.stateDir(), "parts-dumped.json").isEmpty());
                target.sql(
                        bad,
                        "INSERT INTO t_key VALUES (7777, 'client')",
                        "INSERT INTO t_unique VALUES (-1, 'code5')",
                        "DELETE FROM owner WHERE id = 5",
                        "INSERT INTO t_span VALUES (-1, '[21,23]')",
                        "INSERT INTO t_late VALUES (-1, 33)");
                Path truncated = part(move, source, bad, "t_truncated");
                Files.write(truncated, Arrays.copyOf(Files.readAllBytes(truncated), 100));
                damaged = part(move, source, bad, "t_altered");
                copy = Files.readAllBytes(damaged);
                byte[] altered = copy.clone();
                altered[altered.length / 2] ^= 0x55;
                Files.write(damaged, altered);
                source.sql(bad, "UPDATE t_altered SET filler = 'later' WHERE id = 3");
                dump.close();
                result = pgconvoy.await(PATIENCE);
            }

            String output = result.stdout() + result.stderr();
            assertThat(result.exitCode()).as(output).isEqualTo(3);
            assertThat(output)
                    .containsPattern("database \"" + bad
                            + "\": loading part \\d+ of table public.t_key failed: .*Key \\(id\\)=\\(7777\\)")
                    .containsPattern("loading part 1 of table public.t_altered failed: ")
                    .containsPattern("loading part 1 of table public.t_span failed: .*conflicting key value")
                    .containsPattern("loading part 1 of table public.t_late failed: .*Key \\(n\\)=\\(33\\)")
                    .containsPattern("t_unique_code.* failed: .*Key \\(code\\)=\\(code5\\)")
                    .doesNotContain("t_truncated failed")
                    .contains("delete that row of public.t_key");
            assertThat(indexes(target, bad))
                    .as("of tables that are loaded")
                    .contains("t_truncated_filler", "t_child_owner")
                    .doesNotContain("t_unique_code", "t_key_filler");
            assertThat(target.value(bad, "SELECT count(*) FROM t_truncated")).isEqualTo("8000");
            assertThat(target.column(bad, "SELECT filler FROM t_key WHERE id = 7777"))
                    .containsExactly("client");
            assertThat(target.value(other, "SELECT count(*) FROM gate")).isEqualTo("0");

            Files.write(damaged, copy);
            target.sql(
                    bad,
                    "DELETE FROM t_key WHERE id = 7777",
                    "DELETE FROM t_span WHERE id = -1",
                    "DELETE FROM t_late WHERE id = -1");
            Move.Moved second = move.run(options);
            assertThat(second.exitCode()).as(second.output()).isEqualTo(3);
            assertThat(second.outcomes()).isEqualTo(Map.of(bad, "failed", other, "earlier"));
            assertThat(second.output())
                    .containsPattern("t_unique_code.* failed: .*Key \\(code\\)=\\(code5\\)")
                    .containsPattern("foreign key \"?t_child_owner_fkey\"? .*failed: .*Key \\(owner\\)=\\(5\\)")
                    .doesNotContain("loading part");
            assertThat(indexes(target, bad)).contains("t_key_filler").doesNotContain("t_unique_code");
            assertThat(target.value(bad, "SELECT n FROM totals")).isEqualTo("8000");

            target.sql(bad, "DELETE FROM t_unique WHERE id = -1", "INSERT INTO owner VALUES (5)");
            Move.Moved third = move.run(options);
            assertThat(third.exitCode()).as(third.output()).isZero();
            assertThat(third.outcomes()).isEqualTo(Map.of(bad, "complete", other, "earlier"));
            assertThat(indexes(target, bad)).isEqualTo(indexes(source, bad));
            assertThat(target.column(bad, "SELECT conname FROM pg_constraint WHERE NOT convalidated"))
                    .isEmpty();
            Map<String, String> expected = Contents.of(source, bad);
            Map<String, String> contents = Contents.of(target, bad);
            assertThat(contents.remove("\"public\".\"t_altered\""))
                    .as("as it was in the snapshot")
                    .isNotEqualTo(expected.remove("\"public\".\"t_altered\""));
            assertThat(contents).containsExactlyEntriesOf(expected);
            assertThat(target.value(bad, "SELECT count(*) FROM t_altered WHERE filler <> 'later'"))
                    .isEqualTo("8000");
            assertThat(files(move.dumpRoot(), ".zst")).isEmpty();
        }
    }

    private static void fill(EmbeddedServer source, String database) throws SQLException {
        source.sql(
                database,
                "CREATE TABLE owner (id integer PRIMARY KEY)",
                "INSERT INTO owner SELECT generate_series(1, 50)",
                "CREATE TABLE t_unique (id integer PRIMARY KEY, code text)",
                "INSERT INTO t_unique SELECT i, 'code' || i FROM generate_series(1, 8000) i",
                "CREATE UNIQUE INDEX t_unique_code ON t_unique (code)",
                "CREATE TABLE t_child (id integer PRIMARY KEY, owner integer REFERENCES owner)",
                "INSERT INTO t_child SELECT i, i % 50 + 1 FROM generate_series(1, 8000) i",
                "CREATE INDEX t_child_owner ON t_child (owner)",
                "CREATE TABLE t_span (id integer, span int4range, EXCLUDE USING gist (span WITH &&))",
                "INSERT INTO t_span SELECT i, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 100) i",
                "CREATE TABLE t_late (id integer, n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)",
                "INSERT INTO t_late SELECT i, i FROM generate_series(1, 100) i",
                "CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM t_unique WHERE id > 0");
        for (String table : List.of("t_key", "t_truncated", "t_altered")) {
            source.sql(
                    database,
                    "CREATE TABLE " + table + " (id integer PRIMARY KEY, filler text)",
                    "INSERT INTO " + table + " SELECT i, repeat('x', 150) || i FROM generate_series(1, 8000) i",
                    "CREATE INDEX " + table + "_filler ON " + table + " (filler)");
        }
    }

    /** The file of a table's first part. */
    private static Path part(Move move, EmbeddedServer source, String database, String table)
            throws SQLException, IOException {
        String oid = source.value(database, "SELECT '" + table + "'::regclass::oid");
        return files(move.dumpRoot(), "/" + oid + "-1.copy.zst").iterator().next();
    }

    private static Set<Path> files(Path folder, String end) throws IOException {
        if (!Files.exists(folder)) {
            return Set.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return Set.copyOf(all.filter(file -> file.toString().endsWith(end)).toList());
        }
    }

    private static List<String> indexes(EmbeddedServer server, String database) throws SQLException {
        return server.column(database, """
                SELECT indexrelid::regclass::text FROM pg_index
                 WHERE indisvalid AND indrelid IN (SELECT oid FROM pg_class WHERE relname LIKE 't\\_%') ORDER BY 1
                """);
    }
}
