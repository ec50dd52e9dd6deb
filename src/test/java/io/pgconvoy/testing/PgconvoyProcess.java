package io.pgconvoy.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The program in a process of its own, as a user runs it: with arguments and an environment, without a terminal.
 *
 * <p>Nothing of the developer's own PG... and PGCONVOY_... variables reaches it, but for PGCONVOY_PG_BIN. It ends with
 * {@link #close}, or with this JVM. Thread-safe.
 */
public final class PgconvoyProcess implements AutoCloseable {
    /** Of all tests' migrations with {@code -Dpgconvoy.transport=stream}, else of those with {@link Streaming}. */
    private static final boolean ALL_STREAM = "stream".equals(System.getProperty("pgconvoy.transport"));

    private static volatile boolean streams = ALL_STREAM;

    private static final Path JAR = Path.of("target", "pgconvoy.jar");
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path ENV = Path.of("/usr/bin/env");
    private static final Set<PgconvoyProcess> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(PgconvoyProcess::close), "pgconvoy-processes-end"));
    }

    private final Process process;
    private final Output stdout;
    private final Output stderr;

    /** What a run came to. */
    public record Result(int exitCode, String stdout, String stderr) {}

    private PgconvoyProcess(Process process) {
        this.process = process;
        this.stdout = new Output(process.inputReader(StandardCharsets.UTF_8), this);
        this.stderr = new Output(process.errorReader(StandardCharsets.UTF_8), this);
    }

    /** Runs it to its end. */
    public static Result run(List<String> arguments, Map<String, String> environment, Duration patience) {
        try (PgconvoyProcess pgconvoy = start(arguments, environment)) {
            return pgconvoy.await(patience);
        }
    }

    /** Starts it with the build's folder as its working folder. */
    public static PgconvoyProcess start(List<String> arguments, Map<String, String> environment) {
        return start(arguments, environment, Path.of("target"));
    }

    public static PgconvoyProcess start(List<String> arguments, Map<String, String> environment, Path workingFolder) {
        List<String> command = new ArrayList<>(program());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingFolder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().clear();
        // As the launcher does, on Linux.
        builder.environment().put("_JAVA_SR_SIGNUM", "60");
        builder.environment().putAll(environment(environment));
        try {
            PgconvoyProcess started = new PgconvoyProcess(builder.start());
            RUNNING.add(started);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start pgconvoy", e);
        }
    }

    /** Whether the migrations of now stream, unless they are told otherwise. */
    public static boolean streams() {
        return streams;
    }

    static void stream(boolean from) {
        streams = ALL_STREAM || from;
    }

    /** The environment of a run. */
    public static Map<String, String> environment(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(System.getenv());
        variables.keySet().removeIf(name -> name.startsWith("PG") && !name.equals("PGCONVOY_PG_BIN"));
        variables.put("PGPASSFILE", "/nonexistent");
        if (streams) {
            variables.put("PGCONVOY_TRANSPORT", "stream");
            variables.put("PGCONVOY_STREAM_LARGER_THAN", "0");
        }
        variables.putAll(more);
        return variables;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Gives it so much time; returns whether it ended within. */
    public boolean endsWithin(Duration delay) {
        try {
            return process.waitFor(delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits for its end; a run that takes longer is ended with SIGKILL and an AssertionError. */
    public Result await(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                close();
                throw new AssertionError("pgconvoy took longer than " + patience + transcript());
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while pgconvoy ran" + transcript(), e);
        }
        stdout.finish();
        stderr.finish();
        return new Result(process.exitValue(), stdout.text(), stderr.text());
    }

    /** Waits for a line of either stream in which this regular expression is found, or was found already. */
    public Matcher awaitLine(String regex, Duration patience) {
        Pattern pattern = Pattern.compile(regex);
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (this) {
            while (true) {
                boolean ended = stdout.ended && stderr.ended;
                for (String line : Stream.concat(stdout.lines.stream(), stderr.lines.stream())
                        .toList()) {
                    Matcher matcher = pattern.matcher(line);
                    if (matcher.find()) {
                        return matcher;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError("no line with /" + regex + "/ within " + patience + transcript());
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while pgconvoy ran" + transcript(), e);
                }
            }
        }
    }

    /** Sends it a signal, named without SIG: TERM, INT, KILL. */
    public void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0 && process.isAlive()) {
                throw new IllegalStateException("cannot send SIG" + name + " to pgconvoy");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once with SIGKILL, if it still runs. */
    @Override
    public void close() {
        RUNNING.remove(this);
        process.destroyForcibly();
    }

    private String transcript() {
        return "\n--- stdout:\n" + stdout.text() + "\n--- stderr:\n" + stderr.text();
    }

    /** The program with its options of Java; what it is told to do is to follow. */
    public static List<String> program() {
        List<String> command = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux") && Files.isExecutable(ENV)) {
            // A JVM that inherits an ignored SIGINT, as every job in a script's background does, never reacts to it.
            command.addAll(List.of(ENV.toString(), "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (jarIsCurrent()) {
            command.addAll(List.of("-jar", JAR.toAbsolutePath().toString()));
        } else {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.pgconvoy.cli.Main"));
        }
        return command;
    }

    /** Whether the jar was built from the classes as they are now: failsafe's tests have it, a development tool's not. */
    private static boolean jarIsCurrent() {
        if (!Files.isRegularFile(JAR)) {
            return false;
        }
        try (Stream<Path> classes = Files.walk(CLASSES)) {
            long built = Files.getLastModifiedTime(JAR).toMillis();
            for (Path file : classes.filter(Files::isRegularFile).toList()) {
                if (Files.getLastModifiedTime(file).toMillis() > built) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + CLASSES, e);
        }
    }

    /** One stream, read by a thread of its own until its end. */
    private static final class Output {
        private final List<String> lines = new ArrayList<>();
        private final Object monitor;
        private final Thread reader;
        private boolean ended;

        Output(BufferedReader source, Object monitor) {
            this.monitor = monitor;
            this.reader = new Thread(() -> read(source), "pgconvoy-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(BufferedReader source) {
            try (source) {
                for (String line = source.readLine(); line != null; line = source.readLine()) {
                    synchronized (monitor) {
                        lines.add(line);
                        monitor.notifyAll();
                    }
                }
            } catch (IOException closed) {
                // The process ended.
            } finally {
                synchronized (monitor) {
                    ended = true;
                    monitor.notifyAll();
                }
            }
        }

        /** Waits until all was read; a grandchild that lives on may hold the stream open, so not for ever. */
        void finish() {
            try {
                reader.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        String text() {
            synchronized (monitor) {
                return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
            }
        }
    }
}
