package io.pgconvoy.benchmark;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.Folders;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One fleet, moved by every contestant in turn, several times. */
final class Race implements AutoCloseable {
    private final RaceServer source;
    private final RaceServer target;
    private final Map<String, String> environment;
    private final Path work;
    private final Path logs;
    private final Duration limit;
    private final PrintStream out;
    private final ExecutorService loaders =
            Executors.newFixedThreadPool(Math.min(8, Runtime.getRuntime().availableProcessors()));
    private volatile Lap lap;
    private volatile boolean stopped;

    /**
     * @param environment what contestants are told besides servers and databases
     * @param work is deleted after each lap
     * @param logs where their outputs stay
     * @param limit for one lap
     * @param out takes a line for each lap
     */
    Race(
            RaceServer source,
            RaceServer target,
            Map<String, String> environment,
            Path work,
            Path logs,
            Duration limit,
            PrintStream out) {
        this.source = source;
        this.target = target;
        this.environment = environment;
        this.work = work;
        this.logs = logs;
        this.limit = limit;
        this.out = out;
    }

    /** Loads the fleet, lets all of them move it, and drops it. */
    FleetResult run(Fleet fleet, Fleet.Size size, List<Contestant> contestants, int rounds)
            throws IOException, InterruptedException {
        try {
            return race(fleet, size, contestants, rounds);
        } catch (RuntimeException failure) {
            awaitTheEnd();
            throw failure;
        }
    }

    private FleetResult race(Fleet fleet, Fleet.Size size, List<Contestant> contestants, int rounds)
            throws IOException, InterruptedException {
        out.println("bench: loading fleet " + fleet.label() + " ...");
        load(fleet.databases(size));
        Map<String, FleetContents> expected = contents(source);
        FleetResult result = FleetResult.of(
                fleet,
                size,
                expected.size(),
                source.bytes(),
                expected.values().stream().mapToLong(FleetContents::rows).sum(),
                contestants);
        List<Contestant> order = new ArrayList<>(contestants);
        for (int round = 1; round <= rounds; round++) {
            for (Contestant contestant : order) {
                ContestantResult soFar = result.of(contestant);
                // Once is enough to see that it does not do it, and takes as long as anything.
                if (soFar.failure().isEmpty()) {
                    Measurement measurement = lap(
                            contestant,
                            logs.resolve(fleet.label() + "." + contestants.indexOf(contestant) + "." + round + ".log"),
                            expected);
                    soFar.measurements().add(measurement);
                    out.printf(
                            "bench: round %d of %d: %s %s%n",
                            round,
                            rounds,
                            contestant.label(),
                            measurement.failure().orElse(String.format("%.2f s", measurement.seconds())));
                }
            }
            // So that nobody always comes after the same one.
            Collections.rotate(order, -1);
        }
        source.clean();
        return result;
    }

    private void load(List<Fleet.Database> databases) throws InterruptedException {
        List<Future<?>> loading = new ArrayList<>();
        try {
            for (Fleet.Database database : databases) {
                loading.add(loaders.submit(() -> source.load(database)));
            }
            for (Future<?> one : loading) {
                one.get();
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw new IllegalStateException(failure);
        }
    }

    private static Map<String, FleetContents> contents(RaceServer server) {
        Map<String, FleetContents> contents = new HashMap<>();
        for (String database : server.databases()) {
            try (Session session = server.session(database)) {
                contents.put(database, FleetContents.of(session));
            }
        }
        return contents;
    }

    private Measurement lap(Contestant contestant, Path log, Map<String, FleetContents> expected)
            throws IOException, InterruptedException {
        Folders.delete(work);
        Files.createDirectories(work);
        Path databases = work.resolveSibling("databases");
        Files.write(databases, source.databases());
        Map<String, String> told = new HashMap<>(environment);
        told.putAll(endpoint("FROM", source.endpoint()));
        told.putAll(endpoint("TO", target.endpoint()));
        told.put("DATABASES", databases.toString());
        told.put("WORK", work.toString());
        // All begin alike: nothing is left to write, on either server or on this machine.
        source.checkpoint();
        target.checkpoint();
        new ProcessBuilder("sync").start().waitFor(limit.toSeconds(), TimeUnit.SECONDS);

        Usage before = Usage.now(source, target);
        Lap running = start(contestant, told, log);
        running.await(limit);
        awaitTheEnd();
        Usage used = Usage.now(source, target).minus(before);
        Measurement measurement = new Measurement(
                running.seconds(),
                running.openSeconds(),
                used.client(),
                used.source(),
                used.target(),
                used.busy(),
                used.idleShare(),
                running.mostBytes(),
                running.mostJavaBytes(),
                running.failure(),
                List.of());
        Measurement checked = check(measurement, expected);
        target.clean();
        Folders.delete(work);
        return checked;
    }

    private Lap start(Contestant contestant, Map<String, String> told, Path log)
            throws IOException, InterruptedException {
        Lap started;
        synchronized (this) {
            started = stopped ? null : Lap.start(contestant, told, log);
            lap = started;
        }
        awaitTheEnd();
        return started;
    }

    /** Where this JVM is about to end, nothing that happens any more is a result. */
    private void awaitTheEnd() throws InterruptedException {
        if (stopped) {
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    /** Ends who is under way; nobody starts any more. */
    void stop() {
        Lap running;
        synchronized (this) {
            stopped = true;
            running = lap;
        }
        loaders.shutdownNow();
        if (running != null) {
            running.stop();
        }
    }

    @Override
    public void close() {
        loaders.shutdown();
    }

    private static Map<String, String> endpoint(String prefix, Endpoint endpoint) {
        return Map.of(
                prefix + "_HOST", endpoint.host(),
                prefix + "_PORT", Integer.toString(endpoint.port()),
                prefix + "_USER", endpoint.user());
    }

    /** Who has not moved everything, or left something behind, has failed. */
    private Measurement check(Measurement measurement, Map<String, FleetContents> expected) {
        Map<String, FleetContents> found = contents(target);
        List<String> missing = expected.keySet().stream()
                .sorted()
                .flatMap(database -> found.containsKey(database)
                        ? expected.get(database).differences(found.get(database)).stream()
                                .map(difference -> database + ": " + difference)
                        : Stream.of(database + ": no such database"))
                .toList();
        List<String> settings = target.restoreSettings();
        if (measurement.failure().isPresent()) {
            return measurement.failed(measurement.failure().get(), missing);
        }
        if (!missing.isEmpty()) {
            return measurement.failed(
                    missing.get(0) + (missing.size() > 1 ? ", and " + (missing.size() - 1) + " more" : ""), missing);
        }
        return settings.isEmpty()
                ? measurement
                : measurement.failed("settings of the target left changed: " + String.join(", ", settings), List.of());
    }
}
