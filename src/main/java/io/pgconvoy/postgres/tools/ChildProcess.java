package io.pgconvoy.postgres.tools;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Daemon;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A supervised client tool: its outputs are read while it runs, it ends when the run is cancelled, and on Linux
 * also when this process dies (kill -9), so that it cannot go on writing behind a resumed run's back.
 *
 * @param command the program and its arguments, none of them secret
 * @param environment added to this process's environment, from which every PG* variable is taken
 */
public record ChildProcess(List<String> command, Map<String, String> environment) {
    private static final int TAIL_LINES = 30;

    /** A tool that was asked to end asks its server to cancel, which a silent one does not answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The tools at work, by name. */
    private static final ConcurrentSkipListMap<String, Integer> RUNNING = new ConcurrentSkipListMap<>();

    public ChildProcess {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /**
     * How a child ended.
     *
     * @param exitStatus the exit status; 128 and more for a signal
     * @param tail the last lines of its stderr
     */
    public record Result(int exitStatus, List<String> tail) {}

    /**
     * Runs the child to its end.
     *
     * @param stdout takes each line of its standard output
     * @param stderr takes each line of its standard error
     * @throws IOException where it cannot be started
     * @throws PgconvoyException of kind INTERRUPTED when cancelled meanwhile; the child has ended
     */
    public Result run(Consumer<String> stdout, Consumer<String> stderr, Cancellation cancellation) throws IOException {
        return run(Optional.empty(), Optional.of(stdout), stderr, cancellation);
    }

    /**
     * The same for a tool that works on a server, and says what it has to say on its standard error.
     *
     * @throws PgconvoyException also where the server is found to be silent meanwhile; the child has ended
     */
    Result runOn(Server server, Consumer<String> stderr, Cancellation cancellation) throws IOException {
        return run(Optional.of(server), Optional.empty(), stderr, cancellation);
    }

    private Result run(
            Optional<Server> server,
            Optional<Consumer<String>> stdout,
            Consumer<String> stderr,
            Cancellation cancellation)
            throws IOException {
        cancellation.check();
        refuseUnspeakable();
        ProcessBuilder builder = new ProcessBuilder(DeathSignal.wrap(command));
        clean(builder.environment());
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        if (stdout.isEmpty()) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        Process process = builder.start();
        String tool = name();
        RUNNING.merge(tool, 1, Integer::sum);
        try {
            return supervise(process, server, stdout, stderr, cancellation);
        } finally {
            RUNNING.merge(tool, -1, (before, less) -> before + less == 0 ? null : before + less);
        }
    }

    /** How many tools are at work in this process: {@code 2 pg_dump}, {@code 1 pg_restore}. */
    public static List<String> running() {
        List<String> tools = new ArrayList<>();
        RUNNING.forEach((tool, number) -> tools.add(number + " " + tool));
        return tools;
    }

    private String name() {
        return String.valueOf(Path.of(command.get(0)).getFileName());
    }

    private Result supervise(
            Process process,
            Optional<Server> server,
            Optional<Consumer<String>> stdout,
            Consumer<String> stderr,
            Cancellation cancellation) {
        Deque<String> tail = new ArrayDeque<>();
        Optional<Daemon> outReader = stdout.map(lines -> reader(process.getInputStream(), lines, "stdout"));
        Daemon errReader = reader(
                process.getErrorStream(),
                line -> {
                    synchronized (tail) {
                        if (tail.size() == TAIL_LINES) {
                            tail.removeFirst();
                        }
                        tail.addLast(line);
                    }
                    stderr.accept(line);
                },
                "stderr");
        int status;
        AtomicBoolean silent = new AtomicBoolean();
        Runnable end = () -> {
            silent.set(true);
            process.destroy();
        };
        server.ifPresent(one -> one.toolStarted(end));
        try (var registration = cancellation.onCancel(process::destroy)) {
            status = await(process, () -> silent.get() || cancellation.isCancelled());
        } finally {
            server.ifPresent(one -> one.toolEnded(end));
        }
        // Bounded, since a grandchild that outlives the child could hold the pipes open.
        outReader.ifPresent(reader -> reader.join(PATIENCE));
        errReader.join(PATIENCE);
        cancellation.check();
        if (silent.get()) {
            throw server.orElseThrow().silence(name());
        }
        synchronized (tail) {
            return new Result(status, List.copyOf(tail));
        }
    }

    /**
     * Java encodes arguments as the locale says, and puts a question mark where that has no character: another database
     * could be meant.
     */
    private void refuseUnspeakable() {
        CharsetEncoder encoder =
                Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")).newEncoder();
        for (String argument : command) {
            if (!encoder.canEncode(argument)) {
                throw PgconvoyException.usage(
                        "this session's locale (" + encoder.charset() + ") cannot express the argument " + argument,
                        "Set LC_ALL=C.UTF-8, or start pgconvoy by its launcher, which does that.");
            }
        }
    }

    /** Takes out what steers libpq, and pgconvoy's own variables: passwords in them are no business of a child's. */
    static void clean(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("PG"));
    }

    /** Waits without a limit as long as it need not end: a restore may take days. */
    private static int await(Process process, BooleanSupplier asked) {
        long patience = PATIENCE.toSeconds();
        boolean interrupted = false;
        while (true) {
            try {
                if (process.waitFor(1, TimeUnit.SECONDS)) {
                    break;
                }
                if ((asked.getAsBoolean() || interrupted) && patience-- == 0) {
                    // SIGTERM was sent at once; SIGKILL must reach pg_dump's workers too, or they would live on.
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            } catch (InterruptedException wish) {
                interrupted = true;
                process.destroy();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return process.exitValue();
    }

    private Daemon reader(InputStream stream, Consumer<String> lines, String what) {
        return Daemon.start(name() + "-" + what, () -> {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(stream, StandardCharsets.ISO_8859_1))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    // The tools print names as the bytes they are.
                    lines.accept(RawText.decode(line.getBytes(StandardCharsets.ISO_8859_1)));
                }
            } catch (IOException closed) {
                // The child's end closes the pipe; its exit status tells the story.
            }
        });
    }

    /** The command line for an error message: arguments with blanks quoted; there are no secrets in it. */
    public String commandLine() {
        List<String> shown = new ArrayList<>();
        for (String argument : command) {
            shown.add(
                    argument.matches("[A-Za-z0-9_./:=,@%+-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return String.join(" ", shown);
    }
}
