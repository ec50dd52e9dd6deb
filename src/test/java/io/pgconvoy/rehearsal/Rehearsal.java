package io.pgconvoy.rehearsal;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Folders;
import io.pgconvoy.testing.SampleFleet;
import io.pgconvoy.testing.ServerOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves a sample fleet from an old server to a new one, both started for this, with the real program. */
@Command(
        name = "scripts/rehearse",
        description = "Moves a sample fleet from an old PostgreSQL server to a new one, both started for this.")
public final class Rehearsal implements Callable<Integer> {
    private static final Path LAUNCHER = Path.of("pgconvoy").toAbsolutePath();

    @Option(names = "--from-version", defaultValue = "9.6", description = "Major version of the old server.")
    private String from;

    @Option(names = "--to-version", required = true, description = "Major version of the new server.")
    private String to;

    @Option(
            names = "--scale",
            defaultValue = "1",
            description = "Size of the fleet: 1 is about 40 MB of tables and indexes, 50 about 2 GB.")
    private double scale;

    @Option(names = "--keep", description = "Leave both servers running, and say how to connect to and stop them.")
    private boolean keep;

    @Option(names = "--folder", defaultValue = "target/rehearsal", description = "For dumps, journal and summary.")
    private Path folder;

    @Parameters(paramLabel = "-- OPTION", arity = "0..*", description = "Further options of pgconvoy migrate.")
    private List<String> more = List.of();

    private final PrintStream out;

    private Rehearsal(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        Rehearsal rehearsal = new Rehearsal(System.err);
        System.exit(new CommandLine(rehearsal)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    rehearsal.out.println("rehearse: " + failure.getMessage());
                    return 1;
                })
                .execute(arguments));
    }

    /** The exit status of the migration. */
    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("--scale: " + scale + " is not above 0");
        }
        folder = folder.toAbsolutePath();
        Folders.delete(folder);
        Files.createDirectories(folder);
        try (EmbeddedServer source = start("old", ServerOptions.of(from).withoutSync());
                EmbeddedServer target = start("new", ServerOptions.of(to))) {
            load(source);
            int status = migrate(source, target);
            report(source, target, status);
            return status;
        }
    }

    private EmbeddedServer start(String which, ServerOptions options) {
        EmbeddedServer server = EmbeddedServer.start(options);
        out.printf("rehearse: %s server: PostgreSQL %s on port %d%n", which, server.version(), server.port());
        return server;
    }

    private void load(EmbeddedServer source) throws SQLException {
        out.printf(
                "rehearse: loading %d databases ...%n", SampleFleet.databases().size());
        long begin = System.nanoTime();
        SampleFleet.load(source::connect, scale);
        String size = source.value(
                "postgres",
                "SELECT pg_size_pretty(sum(pg_database_size(oid))) FROM pg_database WHERE NOT datistemplate");
        out.printf("rehearse: loaded %s in %d s%n", size, (System.nanoTime() - begin) / 1_000_000_000);
    }

    private int migrate(EmbeddedServer source, EmbeddedServer target) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "migrate"));
        command.addAll(endpoint("from", source));
        command.addAll(endpoint("to", target));
        command.addAll(List.of("--dump-root", folder.resolve("dumps").toString()));
        command.addAll(List.of("--state-dir", folder.resolve("state").toString()));
        command.addAll(List.of("--summary-json", folder.resolve("summary.json").toString()));
        command.addAll(more);
        out.println("rehearse: " + String.join(" ", command));
        Process migration = new ProcessBuilder(command).inheritIO().start();
        EmbeddedServer.outlast(migration);
        return migration.waitFor();
    }

    private static List<String> endpoint(String side, EmbeddedServer server) {
        return List.of(
                "--" + side + "-host",
                server.host(),
                "--" + side + "-port",
                Integer.toString(server.port()),
                "--" + side + "-user",
                server.user());
    }

    private void report(EmbeddedServer source, EmbeddedServer target, int status) {
        out.printf("rehearse: the migration ended with exit status %d%n", status);
        out.printf("rehearse: summary in %s, journal and log under %s%n", folder.resolve("summary.json"), folder);
        for (EmbeddedServer server : List.of(source, target)) {
            if (keep) {
                String stop = server.keep();
                out.printf(
                        "rehearse: PostgreSQL %s still runs%n    connect: psql -h %s -p %d -U %s -d postgres%n"
                                + "    stop:    %s%n    delete:  rm -rf %s%n",
                        server.version(), server.host(), server.port(), server.user(), stop, server.folder());
            }
        }
        if (!keep) {
            out.println("rehearse: both servers are ended and deleted (--keep leaves them running)");
        }
    }
}
