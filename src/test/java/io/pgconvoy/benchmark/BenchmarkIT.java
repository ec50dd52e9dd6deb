package io.pgconvoy.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.testing.EmbeddedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiny races, and whether their results can be believed. */
class BenchmarkIT {
    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void startServers() {
        source = EmbeddedServer.start("14");
        target = EmbeddedServer.start("18");
    }

    @AfterAll
    static void stopServers() {
        source.close();
        target.close();
    }

    @Test
    void racesOnServersOfItsOwn() throws IOException {
        int status = run("--fleet=many", "--databases=1", "--rounds=1", "--contestant=convoy", "--contestant=script");

        assertThat(status).as(said(err)).isZero();
        assertThat(said(out)).contains("many: 1 database", "1000 rows").containsPattern("script +[0-9.]+ .* all");
        JsonNode fleet = json().at("/fleets/0");
        assertThat(fleet.get("rows").asInt()).isEqualTo(1000);
        for (JsonNode contestant : fleet.get("contestants")) {
            assertThat(contestant.get("median_seconds").asDouble()).isPositive();
            assertThat(contestant.at("/runs")).hasSize(1);
            if (Files.exists(Path.of("/proc/stat"))) {
                for (String name : List.of("client", "source", "target", "machine")) {
                    assertThat(contestant.at("/runs/0/" + name + "_cpu").asDouble())
                            .as(name)
                            .isPositive();
                }
                assertThat(contestant.at("/runs/0/client_bytes").asLong()).isPositive();
            }
        }
        assertThat(fleet.at("/contestants/1/ratio").asDouble()).isEqualTo(1);
    }

    /** A contestant that is fast as it leaves something out wins nothing, and the servers are clean afterwards. */
    @Test
    void failsWhoDoesNotMoveEverything() throws IOException, SQLException {
        int status = onNamedServers(
                "--fleet=many",
                "--databases=2",
                "--rounds=2",
                "--contestant=script:--exclude-table-data=b",
                "--contestant=script:--exclude-table=b",
                "--contestant=script:--nonsense",
                "--contestant=dumpall:--exclude-database=*_1",
                "--contestant=dumpall");

        assertThat(status).as(said(err)).isEqualTo(1);
        JsonNode contestants = json().at("/fleets/0/contestants");
        assertThat(missing(contestants.get(0)))
                .containsExactly(
                        "pgconvoy_bench_many_1: rows of public.b: 0 of 500",
                        "pgconvoy_bench_many_2: rows of public.b: 0 of 500");
        assertThat(missing(contestants.get(1)))
                .contains(
                        "pgconvoy_bench_many_1: valid indexes: 1 of 3",
                        "pgconvoy_bench_many_1: relations of kind r: 1 of 2",
                        "pgconvoy_bench_many_1: relations of kind v: 0 of 1");
        assertThat(contestants.at("/2/failure").asText()).startsWith("exit status 123, ");
        assertThat(missing(contestants.get(3))).containsExactly("pgconvoy_bench_many_1: no such database");
        assertThat(contestants.at("/4/failure").isNull()).isTrue();
        assertThat(contestants.at("/4/runs")).hasSize(2);
        for (int failed = 0; failed < 4; failed++) {
            assertThat(contestants.get(failed).get("median_seconds").isNull()).isTrue();
            assertThat(contestants.get(failed).get("runs")).hasSize(1);
        }
        assertNothingIsLeft();
    }

    @Test
    void endsWhoTakesTooLong() throws IOException, SQLException {
        int status =
                onNamedServers("--fleet=many", "--databases=10", "--rounds=1", "--time-limit=1", "--contestant=convoy");

        assertThat(status).as(said(err)).isEqualTo(1);
        assertThat(json().at("/fleets/0/contestants/0/failure").asText()).matches("stopped after [0-9]+ s; .*");
        assertNothingIsLeft();
    }

    /** Where it knows any. */
    @Test
    void racesPgconvoyByEachOfItsTransports() throws IOException {
        Path program = executable("""
                #!/bin/sh
                echo "--transport dump|stream, $*"
                [ "$2" = --help ]
                """);

        int status = onNamedServers("--fleet=empty", "--databases=1", "--rounds=1", "--program=" + program);

        assertThat(status).as(said(err)).isEqualTo(1);
        List<String> labels = new ArrayList<>();
        json().at("/fleets/0/contestants")
                .forEach(one -> labels.add(one.get("contestant").asText()));
        assertThat(labels).startsWith("convoy:--transport dump", "convoy:--transport stream", "script", "dumpall");
        assertThat(json().at("/fleets/0/contestants/1/failure").asText())
                .startsWith("exit status 1, \"--transport dump|stream, migrate --from-host=127.0.0.1 ")
                .contains(" --transport stream\"");
    }

    @Test
    void leavesServersAloneThatHoldSomethingElse() throws IOException, SQLException {
        target.sql("postgres", "CREATE DATABASE shop", "CREATE DATABASE pgconvoy_bench_of_a_killed_run");
        try {
            assertThat(onNamedServers("--fleet=empty")).isEqualTo(1);

            assertThat(said(err)).contains("holds databases that are not the benchmark's: shop\n");
            assertThat(databases(target)).containsExactly("pgconvoy_bench_of_a_killed_run", "postgres", "shop");
        } finally {
            target.sql("postgres", "DROP DATABASE shop", "DROP DATABASE pgconvoy_bench_of_a_killed_run");
        }
    }

    private void assertNothingIsLeft() throws SQLException {
        assertThat(databases(source)).containsExactly("postgres");
        assertThat(databases(target)).containsExactly("postgres");
        assertThat(target.column("postgres", "SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'"))
                .isEmpty();
    }

    private static List<String> databases(EmbeddedServer server) throws SQLException {
        return server.column("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1");
    }

    private static List<String> missing(JsonNode contestant) {
        List<String> missing = new ArrayList<>();
        contestant.at("/runs/0/missing").forEach(one -> missing.add(one.asText()));
        return missing;
    }

    private int onNamedServers(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "--from-host=" + source.host(),
                "--from-port=" + source.port(),
                "--to-host=" + target.host(),
                "--to-port=" + target.port()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private int run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json=" + folder.resolve("bench.json"));
        if (all.stream().noneMatch(argument -> argument.startsWith("--program="))) {
            all.add("--program=" + program());
        }
        return Benchmark.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                all.toArray(String[]::new));
    }

    /** The classes under test, whether or not a jar was built of them. */
    private Path program() throws IOException {
        return executable("#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path")
                + "' io.pgconvoy.cli.Main \"$@\"\n");
    }

    private Path executable(String script) throws IOException {
        Path program = folder.resolve("pgconvoy");
        Files.writeString(program, script);
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("bench.json").toFile());
    }

    private static String said(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
