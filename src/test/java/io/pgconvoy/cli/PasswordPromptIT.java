package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PgconvoyProcess;
import io.pgconvoy.testing.ServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program on a pseudo terminal, as util-linux's script makes one. */
class PasswordPromptIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A busy machine has somewhat more than the seconds that it takes. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final int CTRL_C = 3;
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @TempDir
    Path folder;

    @Test
    void asksForWhatNobodyGaveAndShowsNothingOfIt() throws Exception {
        assumeThat(SCRIPT).isExecutable();
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        try (EmbeddedServer source =
                        EmbeddedServer.start(ServerOptions.of("9.6").withPassword("s3same-source"));
                EmbeddedServer target =
                        EmbeddedServer.start(ServerOptions.of("14").withPassword("s3same-target"))) {
            Process process = onATerminal(
                    "migrate",
                    "--dry-run",
                    "--from-host=127.0.0.1",
                    "--from-port=" + source.port(),
                    "--to-host=127.0.0.1",
                    "--to-port=" + target.port(),
                    "--state-dir=" + folder.resolve("state"));
            ByteArrayOutputStream screen = new ByteArrayOutputStream();
            try (OutputStream keyboard = process.getOutputStream()) {
                read(process.getInputStream(), screen);
                type(keyboard, "s3same-source", screen, "Password of postgres at source 127.0.0.1:" + source.port());
                type(keyboard, "s3same-target", screen, "Password of postgres at target 127.0.0.1:" + target.port());
                assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }

            assertThat(process.exitValue())
                    .as(screen.toString(StandardCharsets.UTF_8))
                    .isZero();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(screen.toString(StandardCharsets.UTF_8)).contains("Parallelism:"));
            assertThat(screen.toString(StandardCharsets.UTF_8)).doesNotContain("s3same");
        }
    }

    /** Nothing has begun there that would have to be put right. */
    @Test
    void endsAtOnceWithCtrlC() throws Exception {
        assumeThat(SCRIPT).isExecutable();
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withPassword("s3same-source"))) {
            Process process = onATerminal(
                    "migrate",
                    "--from-host=127.0.0.1",
                    "--from-port=" + source.port(),
                    "--to-host=127.0.0.1",
                    "--to-port=1",
                    "--state-dir=" + folder.resolve("state"));
            ByteArrayOutputStream screen = new ByteArrayOutputStream();
            try (OutputStream keyboard = process.getOutputStream()) {
                read(process.getInputStream(), screen);
                awaitPrompt(screen, "Password of postgres at source");
                keyboard.write(CTRL_C);
                keyboard.flush();

                assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS))
                        .as(screen.toString(StandardCharsets.UTF_8))
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.exitValue())
                    .as(screen.toString(StandardCharsets.UTF_8))
                    .isEqualTo(130);
        }
    }

    private static Process onATerminal(String... arguments) throws IOException {
        String command =
                "exec '" + String.join("' '", PgconvoyProcess.program()) + "' '" + String.join("' '", arguments) + "'";
        ProcessBuilder builder = new ProcessBuilder(
                List.of(SCRIPT.toString(), "--quiet", "--return", "--command", command, "/dev/null"));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") && !name.equals("PGCONVOY_PG_BIN"));
        builder.environment().put("PGPASSFILE", "/nonexistent");
        builder.environment().put("TERM", "xterm");
        return builder.redirectErrorStream(true).start();
    }

    private static void read(InputStream output, ByteArrayOutputStream screen) {
        Thread reader = new Thread(() -> {
            byte[] buffer = new byte[4096];
            try {
                for (int length = output.read(buffer); length >= 0; length = output.read(buffer)) {
                    screen.write(buffer, 0, length);
                }
            } catch (IOException closed) {
                // The program has ended.
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    private static void type(OutputStream keyboard, String password, ByteArrayOutputStream screen, String prompt)
            throws IOException {
        awaitPrompt(screen, prompt);
        keyboard.write((password + "\n").getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    private static void awaitPrompt(ByteArrayOutputStream screen, String prompt) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(screen.toString(StandardCharsets.UTF_8)).contains(prompt));
    }
}
