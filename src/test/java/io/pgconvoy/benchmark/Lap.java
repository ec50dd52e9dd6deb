package io.pgconvoy.benchmark;

import io.pgconvoy.testing.EmbeddedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One contestant under way, once: its processes, its output, what it has used so far. */
final class Lap {
    private static final Duration SAMPLE = Duration.ofMillis(200);
    private static final Duration STOP = Duration.ofSeconds(30);

    /** Makes a group of the processes, whose number is that of the first one. */
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private static final boolean GROUPS = Files.isExecutable(SETSID);

    private static final String OPEN = "is open for clients";

    private final Process process;
    private final long start = System.nanoTime();
    private final Thread output;
    private final Path log;
    private boolean overdue;
    private double seconds;
    private long mostBytes;
    private long mostJavaBytes;
    private volatile String lastLine = "";
    private volatile double opened;

    private Lap(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.output = new Thread(this::readOutput, "bench-output");
    }

    static Lap start(Contestant contestant, Map<String, String> environment, Path log) throws IOException {
        List<String> command = new ArrayList<>(GROUPS ? List.of(SETSID.toString()) : List.of());
        command.add(contestant.script().toString());
        command.addAll(contestant.options());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // What the user's shell has for other servers.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") && !name.equals("PGCONVOY_JAVA_OPTS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        // pgconvoy reverts what it tuned before it ends.
        EmbeddedServer.outlast(process);
        Lap lap = new Lap(process, log);
        lap.output.setDaemon(true);
        lap.output.start();
        return lap;
    }

    /** Waits for its end, or ends it after a time. */
    void await(Duration limit) throws InterruptedException {
        do {
            mostBytes = Math.max(mostBytes, Processes.bytesOfTree(process.pid()));
            mostJavaBytes = Math.max(mostJavaBytes, Processes.mostBytesOfJava(process.pid()));
            if (elapsed() > limit.toMillis() / 1000.0) {
                overdue = true;
                stop();
            }
        } while (!process.waitFor(SAMPLE.toMillis(), TimeUnit.MILLISECONDS));
        seconds = elapsed();
    }

    /** From start to end. */
    double seconds() {
        return seconds;
    }

    /** Why it did not end well. */
    Optional<String> failure() throws InterruptedException {
        awaitOutput();
        if (overdue) {
            return Optional.of("stopped after " + Math.round(seconds) + " s; its output is in " + log);
        }
        int status = process.exitValue();
        return status == 0
                ? Optional.empty()
                : Optional.of("exit status " + status + ", \"" + lastLine + "\"; its output is in " + log);
    }

    private double elapsed() {
        return Usage.rounded((System.nanoTime() - start) / 1e9);
    }

    /** A process that lives on may hold the pipe open, so not for ever. */
    private void awaitOutput() throws InterruptedException {
        output.join(Duration.ofSeconds(5).toMillis());
    }

    /** Asks all of its processes to end, and makes them. */
    void stop() {
        signal("TERM");
        long deadline = System.nanoTime() + STOP.toNanos();
        while (signal("0") && System.nanoTime() < deadline) {
            LockSupport.parkNanos(SAMPLE.toNanos());
        }
        signal("KILL");
    }

    /** Sends a signal to all of them at once: one by one, a loop would begin its next turn meanwhile. */
    private boolean signal(String name) {
        try {
            return new ProcessBuilder("kill", "-" + name, "--", (GROUPS ? "-" : "") + process.pid())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    OptionalDouble openSeconds() throws InterruptedException {
        awaitOutput();
        return opened == 0 ? OptionalDouble.empty() : OptionalDouble.of(opened);
    }

    OptionalLong mostBytes() {
        return mostBytes == 0 ? OptionalLong.empty() : OptionalLong.of(mostBytes);
    }

    OptionalLong mostJavaBytes() {
        return mostJavaBytes == 0 ? OptionalLong.empty() : OptionalLong.of(mostJavaBytes);
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                PrintStream copy = new PrintStream(Files.newOutputStream(log), false, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(OPEN)) {
                    opened = elapsed();
                }
                if (!line.isBlank() && !line.startsWith("hint: ")) {
                    lastLine = line.strip();
                }
                copy.println(line);
            }
        } catch (IOException closed) {
            // It was stopped.
        }
    }
}
