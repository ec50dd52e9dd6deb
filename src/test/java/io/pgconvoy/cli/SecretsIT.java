package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a password is given, it shows nowhere but in the environment of the tool that needs it. */
@EnabledOnOs(OS.LINUX)
class SecretsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SOURCE_PASSWORD = "s3same%of:the@source/?";
    private static final String TARGET_PASSWORD = "s3same of\"the'target\\";
    private static final List<String> VISIBLE_PARTS = List.of("s3same", SOURCE_PASSWORD, TARGET_PASSWORD);

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    Path folder;

    /** The ways of giving a password. */
    enum Way {
        OPTION,
        ENVIRONMENT,
        PASS_FILE,
        PGPASSFILE,
        HOME,
        URI,
        CONFIG_FILE
    }

    /** A tool seen while it ran. */
    private record Tool(List<String> command, Map<String, String> environment) {
        boolean is(String name) {
            return command.stream().anyMatch(argument -> argument.endsWith("/" + name));
        }

        boolean connects() {
            return command.stream().anyMatch(argument -> argument.startsWith("--dbname="));
        }
    }

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("9.6").withoutSync().withPassword(SOURCE_PASSWORD));
        target = EmbeddedServer.start(ServerOptions.of("14").withPassword(TARGET_PASSWORD));
        source.sql("postgres", "CREATE DATABASE shop");
        source.sql("shop", "CREATE TABLE t AS SELECT id, repeat(md5(id::text), 10) FROM generate_series(1, 20000) id");
    }

    @AfterAll
    static void stopServers() {
        source.close();
        target.close();
    }

    @AfterEach
    void dropDatabase() throws SQLException {
        TestDatabases.drop(target, "shop");
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aPasswordReachesOnlyTheTool(Way way) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "migrate",
                "--verbose",
                "--state-dir=" + folder.resolve("state"),
                "--dump-root=" + folder.resolve("dumps"),
                "--summary-json=" + folder.resolve("summary.json")));
        Map<String, String> environment = new HashMap<>();
        give(way, arguments, environment);

        Set<Tool> tools = new HashSet<>();
        PgconvoyProcess.Result result;
        try (PgconvoyProcess pgconvoy = PgconvoyProcess.start(arguments, environment)) {
            watch(pgconvoy, tools);
            result = pgconvoy.await(PATIENCE);
        }

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stdout() + result.stderr()).doesNotContain(VISIBLE_PARTS);
        assertThat(result.stderr()).contains("pg_dump");
        for (String place : List.of("state", "dumps", "summary.json")) {
            for (Path file : files(folder.resolve(place))) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(VISIBLE_PARTS);
            }
        }
        assertThat(tools).anyMatch(tool -> tool.is("pg_dump") && tool.connects());
        assertThat(tools).anyMatch(tool -> tool.is("pg_restore") && tool.connects());
        assertThat(tools).allSatisfy(tool -> {
            assertThat(String.join(" ", tool.command())).doesNotContain(VISIBLE_PARTS);
            assertThat(tool.environment().keySet()).noneMatch(name -> name.startsWith("PGCONVOY_"));
            String given = tool.is("pg_dump") ? SOURCE_PASSWORD : TARGET_PASSWORD;
            if (tool.connects()) {
                assertThat(tool.environment()).containsEntry("PGPASSWORD", given);
            } else {
                assertThat(tool.environment()).doesNotContainKey("PGPASSWORD");
            }
        });
    }

    private void give(Way way, List<String> arguments, Map<String, String> environment) throws IOException {
        if (way != Way.URI) {
            arguments.addAll(List.of(
                    "--from-host=127.0.0.1",
                    "--from-port=" + source.port(),
                    "--to-host=127.0.0.1",
                    "--to-port=" + target.port()));
        }
        switch (way) {
            case OPTION -> arguments.addAll(List.of("--from-pass", SOURCE_PASSWORD, "--to-pass=" + TARGET_PASSWORD));
            case ENVIRONMENT -> {
                environment.put("PGCONVOY_FROM_PASS", SOURCE_PASSWORD);
                environment.put("PGCONVOY_TO_PASS", TARGET_PASSWORD);
            }
            case PASS_FILE -> {
                arguments.add("--from-pass-file=" + secret("from", SOURCE_PASSWORD + "\n"));
                arguments.add("--to-pass-file=" + secret("to", TARGET_PASSWORD + "\r\nmore\n"));
            }
            case PGPASSFILE -> {
                String lines = passLine(source, SOURCE_PASSWORD) + passLine(target, TARGET_PASSWORD);
                environment.put("PGPASSFILE", secret("pgpass", lines).toString());
            }
            case HOME -> {
                // Neither the folder of the password database nor the one of the tools' own choice.
                secret(".pgpass", "# all\n" + passLine(source, SOURCE_PASSWORD) + passLine(target, TARGET_PASSWORD));
                environment.put("HOME", folder.toString());
                environment.put("PGPASSFILE", "");
            }
            case URI -> {
                arguments.add("--from=" + uri(source, SOURCE_PASSWORD));
                arguments.add("--to=" + uri(target, TARGET_PASSWORD));
            }
            case CONFIG_FILE ->
                arguments.add("--config="
                        + secret(
                                "pgconvoy.properties",
                                "from-pass=" + SOURCE_PASSWORD + "\nto-pass=" + TARGET_PASSWORD.replace("\\", "\\\\")));
        }
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String passLine(EmbeddedServer server, String password) {
        return "127.0.0.1:" + server.port() + ":*:postgres:"
                + password.replace("\\", "\\\\").replace(":", "\\:") + "\n";
    }

    private static String uri(EmbeddedServer server, String password) {
        String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
        return "postgresql://postgres:" + encoded + "@127.0.0.1:" + server.port() + "/postgres?sslmode=prefer";
    }

    /** Looks at all children, over and over, until the program ends. */
    private static void watch(PgconvoyProcess pgconvoy, Set<Tool> tools) throws InterruptedException {
        ProcessHandle program = ProcessHandle.of(pgconvoy.pid()).orElseThrow();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (pgconvoy.isAlive() && System.nanoTime() < deadline) {
            program.descendants().forEach(child -> {
                try {
                    Path proc = Path.of("/proc", Long.toString(child.pid()));
                    List<String> command = strings(proc.resolve("cmdline"));
                    // Before its exec, a child still looks like the program, or like Java's helper, itself.
                    if (command.get(0).matches("(.*/)?(setpriv|pg_dump|pg_restore)")) {
                        Map<String, String> environment = new HashMap<>();
                        for (String entry : strings(proc.resolve("environ"))) {
                            int equals = entry.indexOf('=');
                            if (equals > 0) {
                                environment.put(entry.substring(0, equals), entry.substring(equals + 1));
                            }
                        }
                        if (!environment.isEmpty()) {
                            tools.add(new Tool(command, environment));
                        }
                    }
                } catch (IOException ended) {
                    // Too late for this one.
                }
            });
            Thread.sleep(3);
        }
    }

    private static List<String> strings(Path file) throws IOException {
        return Arrays.asList(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\0", -1));
    }

    private static List<Path> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }
}
