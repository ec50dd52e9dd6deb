package io.pgconvoy.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.PasswordFile;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.testing.Folders;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Races pgconvoy against other ways to move a fleet; {@code scripts/bench --help} tells of the options. */
@Command(name = "scripts/bench")
public final class Benchmark implements Callable<Integer> {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final int HELP_SECONDS = 60;
    private static final int LOADING_SECONDS = 1800;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    @Option(names = "--fleet")
    private List<String> fleets = List.of("mixed");

    @Option(names = "--scale")
    private double scale = 1;

    @Option(names = "--databases")
    private int databases = 150;

    @Option(names = "--rounds")
    private int rounds = 3;

    @Option(names = "--contestant")
    private List<String> contestants = List.of();

    @Option(names = "--jobs")
    private Optional<Integer> jobs = Optional.empty();

    @Option(names = "--parallel")
    private Optional<Integer> parallel = Optional.empty();

    @Option(names = "--time-limit")
    private int timeLimit = 1800;

    @Option(names = "--json")
    private Path json = Path.of("target", "bench.json");

    @Option(names = "--program")
    private Path program = Path.of("pgconvoy");

    @Option(names = "--pg-migrate")
    private Optional<Path> pgMigrate = Optional.empty();

    @Option(names = "--from-version")
    private String fromVersion = "14";

    @Option(names = "--to-version")
    private String toVersion = "18";

    @Option(names = "--from-host")
    private Optional<String> fromHost = Optional.empty();

    @Option(names = "--from-port")
    private Optional<Integer> fromPort = Optional.empty();

    @Option(names = "--from-user")
    private Optional<String> fromUser = Optional.empty();

    @Option(names = "--to-host")
    private Optional<String> toHost = Optional.empty();

    @Option(names = "--to-port")
    private Optional<Integer> toPort = Optional.empty();

    @Option(names = "--to-user")
    private Optional<String> toUser = Optional.empty();

    private final PrintStream out;
    private final PrintStream err;

    private Benchmark(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    /** The exit status: 0, 1 where a contestant failed, 2 for a mistake in the arguments. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Benchmark(out, err))
                .setParameterExceptionHandler((mistake, words) -> misused(err, mistake))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof PgconvoyException known) {
                        say(err, known.getMessage(), known.hint());
                        return known.kind() == ErrorKind.USAGE ? MISUSED : FAILED;
                    }
                    throw failure;
                })
                .execute(arguments);
    }

    private static int misused(PrintStream err, ParameterException mistake) {
        String first = mistake.getMessage().lines().findFirst().orElse("");
        List<String> near = mistake instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions()
                : List.of();
        say(
                err,
                first,
                (near.isEmpty() ? "" : "Did you mean " + near.get(0) + "? ")
                        + "scripts/bench --help lists the options.");
        return MISUSED;
    }

    private static void say(PrintStream err, String what, String hint) {
        err.println("bench: " + what);
        if (!hint.isEmpty()) {
            err.println("Hint: " + hint);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Fleet> kinds = fleets.stream().map(Fleet::of).distinct().toList();
        List<Contestant> named =
                contestants.stream().distinct().map(Contestant::of).toList();
        check();
        Optional<Endpoint> from = endpoint(Side.SOURCE, fromHost, fromPort, fromUser);
        Optional<Endpoint> to = endpoint(Side.TARGET, toHost, toPort, toUser);
        if (from.isPresent() != to.isPresent()) {
            throw PgconvoyException.usage(
                    "only the " + (from.isPresent() ? "source" : "target") + " is named",
                    "Name both servers, or neither: then the benchmark starts its own.");
        }
        if (from.isPresent()
                && from.get().host().equals(to.get().host())
                && from.get().port() == to.get().port()) {
            throw PgconvoyException.usage("source and target are the same server", "Name two throw-away servers.");
        }
        ClientTools tools = ClientTools.find(
                Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));
        Map<String, String> environment = environment(tools);
        named.forEach(contestant -> contestant.check(environment));
        // Whatever the launcher makes once, it has made before anybody's time is taken.
        boolean transports = knowsTransports();
        Map<Fleet, List<Contestant>> races = new LinkedHashMap<>();
        for (Fleet kind : kinds) {
            races.put(kind, named.isEmpty() ? contestants(kind, transports, environment) : named);
        }
        Path logs = json.toAbsolutePath().resolveSibling("bench-logs");
        Folders.delete(logs);
        Files.createDirectories(logs);
        Path work = Files.createTempDirectory("pgconvoy-bench-");
        Duration limit = Duration.ofSeconds(timeLimit);
        // For loading and counting, which is nobody's race.
        Duration patience = Duration.ofSeconds(Math.max(timeLimit, LOADING_SECONDS));
        try (RaceServers servers = from.isPresent() && to.isPresent()
                        ? RaceServers.named(from.get(), to.get(), patience)
                        : RaceServers.embedded(fromVersion, toVersion, patience, err);
                Race race = new Race(
                        servers.source(), servers.target(), environment, work.resolve("lap"), logs, limit, err)) {
            Thread interrupted = new Thread(() -> {
                race.stop();
                servers.leave();
                delete(work);
            });
            Runtime.getRuntime().addShutdownHook(interrupted);
            int status = race(race, servers, tools, races);
            Runtime.getRuntime().removeShutdownHook(interrupted);
            return status;
        } finally {
            delete(work);
        }
    }

    private int race(Race race, RaceServers servers, ClientTools tools, Map<Fleet, List<Contestant>> races)
            throws IOException, InterruptedException {
        List<FleetResult> results = new ArrayList<>();
        String heading = String.format(
                "PostgreSQL %s to %s, client tools %s, %d processors, %d %s; seconds, processor seconds, MB",
                servers.source().version(),
                servers.target().version(),
                tools.version(),
                PROCESSORS,
                rounds,
                rounds == 1 ? "round" : "rounds");
        for (Map.Entry<Fleet, List<Contestant>> next : races.entrySet()) {
            FleetResult result = race.run(next.getKey(), new Fleet.Size(scale, databases), next.getValue(), rounds);
            results.add(result);
            if (results.size() == 1) {
                out.println(heading);
            }
            out.println();
            out.print(result.table());
            write(servers, tools, results);
        }
        return results.stream().anyMatch(FleetResult::hasFailures) ? FAILED : 0;
    }

    private void write(RaceServers servers, ClientTools tools, List<FleetResult> results) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("source", servers.source().version());
        document.put("target", servers.target().version());
        document.put("client_tools", tools.version().toString());
        document.put("processors", PROCESSORS);
        document.put("rounds", rounds);
        document.put("jobs", jobs.orElse(defaultJobs()));
        document.put("parallel", parallel.orElse(defaultParallel()));
        document.put("fleets", results.stream().map(FleetResult::json).toList());
        new ObjectMapper()
                .registerModule(new Jdk8Module())
                .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .writerWithDefaultPrettyPrinter()
                .writeValue(json.toFile(), document);
    }

    private void check() {
        positive("--databases", databases);
        positive("--rounds", rounds);
        positive("--time-limit", timeLimit);
        jobs.ifPresent(number -> positive("--jobs", number));
        parallel.ifPresent(number -> positive("--parallel", number));
        if (!(scale > 0) || scale > 1000) {
            throw PgconvoyException.usage("--scale: " + scale + " is not above 0 and at most 1000", "1 is about 1 GB.");
        }
        Path folder = json.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder) && !folder.equals(Path.of("target").toAbsolutePath())) {
            throw PgconvoyException.usage("--json: there is no folder " + folder, "Create it, or name another one.");
        }
        if (!Files.isExecutable(program)) {
            throw PgconvoyException.usage("--program: " + program + " is no program", "Name a launcher of pgconvoy.");
        }
        if (pgMigrate.filter(file -> !Files.isExecutable(file)).isPresent()) {
            throw PgconvoyException.usage(
                    "--pg-migrate: " + pgMigrate.get() + " is no program", "Give the path of pg-migrate's binary.");
        }
    }

    private static void positive(String option, int number) {
        if (number < 1) {
            throw PgconvoyException.usage(option + ": " + number + " is not 1 or more", "Give a whole number from 1.");
        }
    }

    private static List<Contestant> contestants(Fleet fleet, boolean transports, Map<String, String> environment) {
        if (!fleet.contestants().isEmpty()) {
            return fleet.contestants().stream().map(Contestant::of).toList();
        }
        List<String> all = new ArrayList<>();
        if (transports) {
            all.addAll(List.of("convoy:--transport dump", "convoy:--transport stream"));
        } else {
            all.add("convoy");
        }
        all.addAll(List.of("script", "dumpall"));
        for (String peer : List.of("pgcopydb", "pg-migrate")) {
            if (Contestant.of(peer).missing(environment).isEmpty()) {
                all.add(peer);
            }
        }
        return all.stream().map(Contestant::of).toList();
    }

    private boolean knowsTransports() throws IOException, InterruptedException {
        Path text = Files.createTempFile("pgconvoy-bench-", ".help");
        try {
            Process help = new ProcessBuilder(program.toAbsolutePath().toString(), "migrate", "--help")
                    .redirectOutput(text.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!help.waitFor(HELP_SECONDS, TimeUnit.SECONDS) || help.exitValue() != 0) {
                help.destroyForcibly();
                throw PgconvoyException.usage(
                        "--program: " + program + " migrate --help failed", "Name a launcher of pgconvoy.");
            }
            return Files.readString(text).contains("--transport");
        } finally {
            Files.delete(text);
        }
    }

    /** What contestants are told; without what the user's shell has for other servers. */
    private Map<String, String> environment(ClientTools tools) {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", tools.folder() + ":" + System.getenv("PATH"));
        environment.put("PGCONVOY_PG_BIN", tools.folder().toString());
        environment.put("CONTESTANTS", Contestant.FOLDER.toString());
        environment.put("PROGRAM", program.toAbsolutePath().toString());
        environment.put("COMPRESS", tools.knowsZstd() ? "zstd:1" : "1");
        environment.put("JOBS", Integer.toString(jobs.orElse(defaultJobs())));
        environment.put("PARALLEL", Integer.toString(parallel.orElse(defaultParallel())));
        // pgconvoy has defaults of its own, which are measured, too.
        environment.put("GIVEN_JOBS", jobs.map(String::valueOf).orElse(""));
        environment.put("GIVEN_PARALLEL", parallel.map(String::valueOf).orElse(""));
        pgMigrate.ifPresent(
                file -> environment.put("PG_MIGRATE", file.toAbsolutePath().toString()));
        return environment;
    }

    private static int defaultJobs() {
        return Math.min(PROCESSORS, 12);
    }

    private static int defaultParallel() {
        return Math.max(2, Math.min(PROCESSORS, 6));
    }

    /** A server of the user's, where anything of it is given. */
    private static Optional<Endpoint> endpoint(
            Side side, Optional<String> host, Optional<Integer> port, Optional<String> user) {
        if (host.isEmpty() && port.isEmpty() && user.isEmpty()) {
            return Optional.empty();
        }
        Endpoint endpoint = new Endpoint(
                side,
                host.orElse("localhost"),
                port.orElse(5432),
                user.orElse("postgres"),
                Optional.empty(),
                new DatabaseName("postgres"),
                Map.of());
        return Optional.of(
                PasswordFile.find(Path.of(System.getProperty("user.home"), ".pgpass"), endpoint, warning -> {})
                        .map(endpoint::withPassword)
                        .orElse(endpoint));
    }

    private static void delete(Path folder) {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
