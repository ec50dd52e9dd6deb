package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.ServerState;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes that only a server, a tool or a disk shows: one sentence, a hint, the documented status, nothing changed. */
class BadInputIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String SOURCE_PASSWORD = "s3same-of-the-source";
    private static final String TARGET_PASSWORD = "s3same-of-the-target";

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    Path folder;

    private final Map<String, String> environment =
            new HashMap<>(Map.of("PGCONVOY_FROM_PASS", SOURCE_PASSWORD, "PGCONVOY_TO_PASS", TARGET_PASSWORD));

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("9.6")
                .withoutSync()
                .withSetting("max_connections", "30")
                .withPassword(SOURCE_PASSWORD));
        target = EmbeddedServer.start(ServerOptions.of("14").withPassword(TARGET_PASSWORD));
        source.sql("postgres", "CREATE DATABASE shop", "CREATE ROLE app PASSWORD 'x'");
        source.sql("shop", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
        target.sql("postgres", "CREATE ROLE clerk LOGIN PASSWORD '" + TARGET_PASSWORD + "'");
    }

    @AfterAll
    static void stopServers() {
        source.close();
        target.close();
    }

    @Test
    void wrongPasswordOfTheSource() throws Exception {
        environment.put("PGCONVOY_FROM_PASS", "mistyped");

        refused(10, List.of("source 127.0.0.1:" + source.port(), "password"), "--from-user", migrate());
    }

    @Test
    void wrongPasswordOfTheTarget() throws Exception {
        environment.put("PGCONVOY_TO_PASS", "mistyped");

        refused(11, List.of("target 127.0.0.1:" + target.port(), "password"), "--to-user", migrate());
    }

    @Test
    void noPasswordAtAll() throws Exception {
        environment.remove("PGCONVOY_FROM_PASS");

        refused(10, List.of("source 127.0.0.1:" + source.port(), "password"), "--from-pass-file", migrate());
    }

    @Test
    void unknownHost() throws Exception {
        refused(
                10,
                List.of("source nowhere.invalid:", "could not translate host name \"nowhere.invalid\""),
                "--from-host",
                migrate("--from-host", "nowhere.invalid"));
        refused(11, List.of("target nowhere.invalid:"), "name resolution", migrate("--to-host", "nowhere.invalid"));
    }

    @Test
    void serverWithoutTheTlsThatTheEnvironmentWants() throws Exception {
        environment.put("PGSSLMODE", "require");

        refused(10, List.of("source 127.0.0.1:" + source.port(), "SSL"), "The server has no TLS", migrate());
    }

    @Test
    void addressThatTheServersRulesLeaveOut() throws Exception {
        environment.put("PGCONVOY_FROM_USER", "app");
        environment.put("PGCONVOY_FROM_PASS", "mistyped");
        Path rules = source.dataFolder().resolve("pg_hba.conf");
        String before = Files.readString(rules);
        Files.writeString(rules, "host all app 127.0.0.1/32 reject\n" + before);
        try {
            source.sql("postgres", "SELECT pg_reload_conf()");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> refused(10, List.of("pg_hba.conf", "as app"), "The server's pg_hba.conf", migrate()));
        } finally {
            Files.writeString(rules, before);
            source.sql("postgres", "SELECT pg_reload_conf()");
        }
    }

    @Test
    void portThatNobodyListensOn() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        refused(10, List.of("source 127.0.0.1:" + free), "--from-port", migrate("--from-port", "" + free));
        refused(11, List.of("target 127.0.0.1:" + free), "--to-port", migrate("--to-port", "" + free));
    }

    @Test
    void unknownDatabaseForDiscovery() throws Exception {
        refused(10, List.of("\"nosuch\"", "source"), "--from-db", migrate("--from-db", "nosuch"));
        refused(11, List.of("\"nosuch\"", "target"), "--to-db", migrate("--to-db", "nosuch"));
    }

    @Test
    void folderWithoutTools() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("bin"));

        refused(2, List.of("--pg-bin", empty.toString()), "folder that holds both", migrate("--pg-bin", "" + empty));
    }

    @Test
    void toolsOlderThanTheSource() throws Exception {
        Path bin = tools("9.5.25");

        refused(13, List.of("pg_dump in " + bin + " is 9.5.25", "9.6."), "--pg-bin", migrate("--pg-bin", "" + bin));
    }

    @Test
    void compressionThatTheToolsDoNotKnow() throws Exception {
        Path bin = tools("15.18");

        refused(
                2,
                List.of("--compress: pg_dump 15.18", "zstd:3"),
                "gzip",
                migrate("--pg-bin", "" + bin, "--compress", "zstd:3"));
    }

    @Test
    void sourceNewerThanTheTarget() throws Exception {
        environment.put("PGCONVOY_FROM_PASS", TARGET_PASSWORD);
        environment.put("PGCONVOY_TO_PASS", SOURCE_PASSWORD);

        refused(
                13,
                List.of("source 127.0.0.1:" + target.port() + " is PostgreSQL 14", "newer than"),
                "--from and --to",
                migrate("--from-port", "" + target.port(), "--to-port", "" + source.port()));
    }

    @Test
    void oneServerUnderTwoNames() throws Exception {
        environment.put("PGCONVOY_FROM_PASS", TARGET_PASSWORD);

        refused(
                13,
                List.of("localhost", "127.0.0.1", "same cluster"),
                "--from-port",
                migrate("--from-host", "localhost", "--from-port", "" + target.port()));
    }

    @Test
    void targetInRecovery() throws Exception {
        try (EmbeddedServer standby = EmbeddedServer.start(ServerOptions.of("14"))) {
            standby.stop();
            Files.createFile(standby.dataFolder().resolve("standby.signal"));
            standby.restart();

            refused(
                    13,
                    List.of("target 127.0.0.1:" + standby.port(), "standby"),
                    "Promote",
                    migrate("--to-port", "" + standby.port()));
        }
    }

    @Test
    void roleThatMayNotCreateDatabases() throws Exception {
        refused(
                13,
                List.of("target", "role clerk may not create databases"),
                "CREATEDB",
                migrate("--to-user", "clerk"));
    }

    @Test
    void databaseThatIsThereAlready() throws Exception {
        target.sql("postgres", "CREATE DATABASE shop");
        try {
            refused(13, List.of("target", "\"shop\""), "--drop-existing", migrate());
        } finally {
            TestDatabases.drop(target, "shop");
        }
    }

    @Test
    void dumpFolderThatCannotBeWritten() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        refused(2, List.of("--dump-root", file.toString()), "may write", migrate("--dump-root", file + "/dumps"));
    }

    @Test
    void stateFolderThatCannotBeWritten() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        refused(12, List.of(file.toString()), "--state-dir", migrate("--state-dir", file + "/state"));
    }

    @Test
    void checkGoesOnWithoutAJournalThatCannotBeRead() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        List<String> unreadable = migrate("--state-dir", file + "/state");
        Path journal = Path.of(new Journals(folder.resolve("state"))
                .between(source.host(), source.port(), target.host(), target.port())
                .label());
        Path marker = journal.resolve("databases").resolve("shop").resolve("created.json");
        Files.createDirectories(marker.getParent());
        Files.writeString(marker, "{\"format\": 1}");
        for (List<String> arguments : List.of(unreadable, migrate())) {
            List<String> check = new ArrayList<>(arguments);
            check.set(0, "check");

            PgconvoyProcess.Result result = PgconvoyRun.run(check, environment, PATIENCE);

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(13);
            assertThat(result.stdout())
                    .contains("blocker  journal ", "1 blocker, ", "1 database looked into")
                    .doesNotContain("Exception");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"migrate", "migrate --dry-run", "check", "verify"})
    void patternThatMatchesNoDatabase(String command) throws Exception {
        List<String> message = List.of(
                "--include-db: no database of the source matches 'shoop'",
                "--exclude-db: no database of the source matches 'gone'");

        refused(
                2,
                message,
                "Near 'shoop': shop.",
                servers(command, "--include-db=shoop", "--include-db=shop", "--exclude-db=gone"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"migrate", "migrate --dry-run", "check", "verify"})
    void selectionThatLeavesNothing(String command) throws Exception {
        List<String> arguments = servers(command, "--exclude-db=*");

        refused(2, List.of("no database of the source is selected", "every one"), "--exclude-db", arguments);
        refused(
                2,
                List.of("'template0' matches only database \"template0\", which is always left out"),
                "Leave a pattern out",
                servers(command, "--include-db=template0"));
    }

    @Test
    void summaryInAFolderThatIsNotThere() throws Exception {
        refused(
                2,
                List.of("--summary-json", "no folder"),
                "Create the folder",
                migrate("--summary-json", folder + "/nosuch/summary.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"migrate", "migrate --dry-run", "check", "verify"})
    void refusalThatTheSummaryTells(String command) throws Exception {
        Path file = Files.writeString(folder.resolve("summary.json"), "{\"exit_code\": 0}");
        environment.put("PGCONVOY_FROM_PASS", "mistyped");

        refused(10, List.of("password"), "--from-user", servers(command, "--summary-json=" + file));
        JsonNode json = new ObjectMapper().readTree(file.toFile());

        assertThat(json.path("exit_code").intValue()).isEqualTo(10);
        assertThat(json.path("error").textValue()).contains("source 127.0.0.1:" + source.port());
        assertThat(json.path("hint").textValue()).contains("--from-user");
        assertThat(json.path("source").path("port").intValue()).isEqualTo(source.port());
        assertThat(json.path("databases")).isEmpty();
        assertThat(json.toString()).doesNotContain("mistyped");
    }

    @Test
    void blockersOneByOne() throws Exception {
        target.sql("postgres", "CREATE DATABASE shop");
        Path file = folder.resolve("summary.json");
        try {
            PgconvoyProcess.Result result = PgconvoyRun.run(
                    migrate("--dump-jobs=20", "--max-parallel=3", "--summary-json=" + file), environment, PATIENCE);

            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(13);
            List<String> lines = result.stderr()
                    .lines()
                    .filter(line -> line.startsWith("pgconvoy: ") || line.startsWith("hint: "))
                    .toList();
            assertThat(lines).hasSize(4);
            assertThat(lines.get(0)).contains("pgconvoy: ").doesNotContain("; ");
            assertThat(String.join(" ", lines.get(1), lines.get(3)))
                    .contains("hint: ", "Lower the parallelism", "--drop-existing");
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            assertThat(json.path("exit_code").intValue()).isEqualTo(13);
            assertThat(json.path("errors")).hasSize(2);
        } finally {
            TestDatabases.drop(target, "shop");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"migrate --dry-run", "check", "verify"})
    void stdoutThatHoldsJsonAlone(String command) throws Exception {
        for (String name : List.of("-", "/dev/stdout")) {
            PgconvoyProcess.Result result =
                    PgconvoyRun.run(servers(command, "--summary-json=" + name), environment, PATIENCE);

            assertThat(result.stdout().strip()).startsWith("{").endsWith("}");
            JsonNode json = new ObjectMapper().readTree(result.stdout());
            assertThat(json.path("exit_code").intValue()).isEqualTo(result.exitCode());
            assertThat(json.path("error").isNull()).isTrue();
            assertThat(json.path("source").path("port").intValue()).isEqualTo(source.port());
            assertThat(result.stderr()).contains(command.endsWith("--dry-run") ? "Databases, in this order:" : " -> ");
        }
    }

    @Test
    void moreParallelismThanConnections() throws Exception {
        refused(
                13,
                List.of("--dump-jobs 20", "max_connections 30"),
                "Lower the parallelism",
                migrate("--dump-jobs", "20", "--max-parallel", "3"));
    }

    @Test
    void parallelismThatNobodyAskedForIsFitted() {
        PgconvoyProcess.Result result = PgconvoyRun.run(migrate("--dry-run"), environment, PATIENCE);

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stdout()).contains("Parallelism:").contains("shop");
    }

    @Test
    void databaseThatVanishesDuringTheRun() throws Exception {
        source.sql("postgres", "CREATE DATABASE vanishing");
        environment.put("PGCONVOY_ORDER", "size-desc");
        environment.put("PGCONVOY_DUMP_PARALLEL", "1");
        ServerState before = ServerState.of(source);
        PgconvoyProcess.Result result;
        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(migrate("--migrate-globals=false"), environment)) {
            try (Connection connection = source.connect("shop");
                    Statement statement = connection.createStatement()) {
                // The bigger database's dump waits for this lock, and the smaller database for that dump.
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE t");
                await().atMost(PATIENCE)
                        .until(() -> !source.column("shop", "SELECT 1 FROM pg_locks WHERE NOT granted")
                                .isEmpty());
                TestDatabases.drop(source, "vanishing");
            }
            result = pgconvoy.await(PATIENCE);
        } finally {
            TestDatabases.drop(source, "vanishing");
        }

        try {
            assertThat(result.exitCode()).as(result.stderr()).isEqualTo(3);
            assertThat(result.stdout()).contains("vanishing").contains("was it dropped or renamed?");
            assertThat(result.stdout() + result.stderr()).doesNotContain("\tat ");
            assertThat(target.value("shop", "SELECT count(*) FROM t")).isEqualTo("1000");
            assertThat(ServerState.of(target).rows())
                    .noneMatch(row -> row.startsWith("file setting"))
                    .noneMatch(row -> row.contains("vanishing"));
            assertThat(before.rows()).containsAll(ServerState.of(source).rows());
            assertThat(files(folder.resolve("dumps"))).isEmpty();
        } finally {
            TestDatabases.drop(target, "shop");
        }
    }

    private List<String> migrate(String... more) {
        List<String> arguments = new ArrayList<>(List.of("migrate"));
        Map<String, String> defaults = new HashMap<>(Map.of(
                "--from-host",
                "127.0.0.1",
                "--from-port",
                "" + source.port(),
                "--to-host",
                "127.0.0.1",
                "--to-port",
                "" + target.port(),
                "--state-dir",
                folder.resolve("state").toString(),
                "--dump-root",
                folder.resolve("dumps").toString()));
        Stream.of(more).forEach(defaults::remove);
        defaults.forEach((name, value) -> arguments.addAll(List.of(name, value)));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Any command with both servers. */
    private List<String> servers(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        List<String> all = migrate(more);
        boolean verify = command.equals("verify");
        for (int i = 1; i < all.size(); i++) {
            if (verify && List.of("--state-dir", "--dump-root").contains(all.get(i))) {
                i++;
            } else {
                arguments.add(all.get(i));
            }
        }
        return arguments;
    }

    private void refused(int status, List<String> named, String hint, List<String> arguments) throws Exception {
        List<ServerState> before = List.of(ServerState.of(source), ServerState.of(target));

        PgconvoyProcess.Result result = PgconvoyRun.run(arguments, environment, PATIENCE);

        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(status);
        List<String> lines = result.stderr().lines().toList();
        assertThat(lines).hasSizeGreaterThanOrEqualTo(2);
        assertThat(lines.get(lines.size() - 2)).startsWith("pgconvoy: ").contains(named);
        assertThat(lines.get(lines.size() - 1)).startsWith("hint: ").contains(hint);
        assertThat(lines.stream().filter(line -> line.startsWith("pgconvoy: "))).hasSize(1);
        assertThat(result.stderr())
                .doesNotContain("\tat ")
                .doesNotContain("Exception")
                .doesNotContain(SOURCE_PASSWORD)
                .doesNotContain(TARGET_PASSWORD)
                .doesNotContain("mistyped");
        assertThat(List.of(ServerState.of(source), ServerState.of(target))).isEqualTo(before);
        assertThat(files(folder.resolve("dumps"))).isEmpty();
        assertThat(files(folder.resolve("state")))
                .allSatisfy(file -> assertThat(file.getFileName().toString()).isIn("lock", "migration.json"));
    }

    private static List<Path> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    /** Tools that can do nothing but tell their version. */
    private Path tools(String version) throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        for (String name : List.of("pg_dump", "pg_restore")) {
            Path tool = Files.writeString(
                    bin.resolve(name), "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n");
            Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return bin;
    }
}
