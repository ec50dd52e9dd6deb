package io.pgconvoy.testing;

import io.pgconvoy.postgres.tools.ClientTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The client tools that the program itself uses here, for looking at what it did. */
public final class PostgresTools {
    private static final long PATIENCE_SECONDS = 60;
    private static final ClientTools TOOLS = ClientTools.find(
            Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));

    private PostgresTools() {}

    /** The tools' major version. */
    public static int major() {
        return Integer.parseInt(TOOLS.version().majorText().replaceFirst("\\..*", ""));
    }

    /** Where they are. */
    public static Path folder() {
        return TOOLS.folder();
    }

    /** Runs pg_dump on one database and returns the SQL. */
    public static String dump(EmbeddedServer server, String database, String... options) {
        return run(server, "pg_dump", database, options);
    }

    /** Runs pg_dumpall and returns the SQL. */
    public static String dumpAll(EmbeddedServer server, String... options) {
        return run(server, "pg_dumpall", "postgres", options);
    }

    /**
     * Runs pg_restore on one database, beyond errors: what an old server's objects lack on a new one is not the data.
     *
     * @return what it complained of
     */
    public static String restore(EmbeddedServer server, String database, Path archive, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add(archive.toString());
        return run(server, "pg_restore", database, true, all.toArray(String[]::new));
    }

    private static String run(EmbeddedServer server, String tool, String database, String... options) {
        return run(server, tool, database, false, options);
    }

    private static String run(
            EmbeddedServer server, String tool, String database, boolean complaints, String... options) {
        List<String> command = new ArrayList<>(List.of(
                TOOLS.folder().resolve(tool).toString(),
                "--dbname",
                "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "' host=" + server.host() + " port="
                        + server.port() + " user=" + server.user()));
        command.addAll(List.of(options));
        try {
            Path output = Files.createTempFile("pgconvoy-" + tool, ".sql");
            Path errors = Files.createTempFile("pgconvoy-" + tool, ".log");
            try {
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
                builder.environment().put("PGPASSWORD", server.password());
                if (!complaints) {
                    builder.environment().put("PGCLIENTENCODING", "UTF8");
                }
                // What is set on a database must not keep us from reading it.
                builder.environment().put("PGOPTIONS", "-c role=none -c search_path= -c lock_timeout=0");
                Process process = builder.start();
                boolean ended;
                try {
                    ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
                } finally {
                    process.destroyForcibly();
                }
                if (ended && complaints) {
                    return Files.readString(errors, StandardCharsets.UTF_8);
                }
                if (!ended || process.exitValue() != 0) {
                    throw new IllegalStateException(tool + " on " + database + " failed: " + Files.readString(errors));
                }
                return Files.readString(output, StandardCharsets.UTF_8);
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + tool, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + tool, e);
        }
    }
}
