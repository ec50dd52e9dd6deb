package io.pgconvoy.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of a postgres process under a shell that ends it when this JVM ends, be it by kill -9. */
final class ServerProcess {
    private final Process shell;
    private final long pid;

    private ServerProcess(Process shell, long pid) {
        this.shell = shell;
        this.pid = pid;
    }

    /** Starts it with its output going to {@code folder/log}. */
    static ServerProcess start(Path folder, List<String> command) throws IOException {
        List<String> all = new ArrayList<>();
        // Its own session: a Ctrl-C in the terminal is for the migration, not for the servers.
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            all.add("/usr/bin/setsid");
            all.add("--wait");
        }
        all.addAll(List.of("sh", "-c", script(), "server", folder.toString()));
        all.addAll(command);
        Process shell = new ProcessBuilder(ServerUser.command(all))
                .directory(folder.toFile())
                .redirectError(folder.resolve("shell.log").toFile())
                .start();
        BufferedReader output = shell.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (line == null) {
            throw new IOException("cannot start a server: " + Files.readString(folder.resolve("shell.log")));
        }
        return new ServerProcess(shell, Long.parseLong(line));
    }

    long pid() {
        return pid;
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /** Sends the server a signal, named without SIG; does nothing when it has ended. */
    void signal(String name) {
        tell(name);
    }

    /** From now on the server outlives this JVM. */
    void keep() {
        tell("keep");
    }

    /** Whether the server ended within this time. */
    boolean ended(Duration patience) {
        try {
            return shell.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void tell(String word) {
        try {
            OutputStream input = shell.getOutputStream();
            input.write((word + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            if (shell.isAlive()) {
                throw new IllegalStateException("cannot send " + word + " to server " + pid, e);
            }
        }
    }

    private static String script() throws IOException {
        try (InputStream script = ServerProcess.class.getResourceAsStream("server.sh")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
