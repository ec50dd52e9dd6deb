package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.testing.EmbeddedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code pg_dumpall --globals-only} says of both sides, where a client as new as the target is installed. */
class PgDumpAllIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void saysTheSameOfSourceAndTarget(String version) throws Exception {
        Optional<Path> tool = pgDumpAll();
        assumeTrue(tool.isPresent(), "no pg_dumpall 18 in PGCONVOY_PG_BIN, /usr/lib/postgresql or /usr/pgsql-18");
        try (EmbeddedServer source = EmbeddedServer.start(version);
                EmbeddedServer target = EmbeddedServer.start("18")) {
            RoleFleet.load(source);
            GlobalsResult result =
                    new GlobalsMigration(Servers.source(source), Servers.target(target), TablespaceChoice.SAME).apply();

            assertThat(result.failures()).isEmpty();
            assertThat(globals(tool.get(), target, version)).isEqualTo(globals(tool.get(), source, version));
        }
    }

    private static List<String> globals(Path tool, EmbeddedServer server, String sourceVersion)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        tool.toString(),
                        "-g",
                        "-h",
                        server.host(),
                        "-p",
                        String.valueOf(server.port()),
                        "-U",
                        "postgres")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).isZero();
        // A restrict key is different each time.
        List<String> lines = new ArrayList<>(text.lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .toList());
        if (!sourceVersion.equals("18")) {
            // Only servers from 16 on say whether a grant inherits, and who granted it.
            lines.replaceAll(
                    line -> line.replaceFirst(" WITH (ADMIN OPTION)?[A-Z ,]* GRANTED BY postgres;$", " WITH $1;")
                            .replaceFirst(" WITH ;$", ";"));
            // They also list the members of a role in another order.
            Collections.sort(lines);
        }
        return lines;
    }

    private static Optional<Path> pgDumpAll() {
        return Stream.of(
                        Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).orElse("/usr/lib/postgresql/18/bin"),
                        "/usr/lib/postgresql/18/bin",
                        "/usr/pgsql-18/bin")
                .map(folder -> Path.of(folder, "pg_dumpall"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
