package io.pgconvoy.postgres.tools;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * pg_dump and pg_restore of one installation.
 *
 * @param folder where both lie
 * @param version pg_dump's version
 */
public record ClientTools(Path folder, ServerVersion version) {
    private static final List<String> ROOTS = List.of(
            "/usr/lib/postgresql",
            "/usr/local/opt",
            "/opt/homebrew/opt",
            "/usr/local",
            "/usr",
            "/opt",
            "/Library/PostgreSQL",
            "/Applications/Postgres.app/Contents/Versions");

    public Path pgDump() {
        return folder.resolve("pg_dump");
    }

    public Path pgRestore() {
        return folder.resolve("pg_restore");
    }

    /**
     * The tools to use: those of the given folder, else the newest of all that are installed.
     *
     * @throws PgconvoyException of kind USAGE where there are none, or none in the given folder
     */
    public static ClientTools find(Optional<Path> given) {
        if (given.isPresent()) {
            return in(given.get())
                    .orElseThrow(() -> PgconvoyException.usage(
                            "--pg-bin: there is no working pg_dump with pg_restore in " + given.get(),
                            "Give the folder that holds both, /usr/lib/postgresql/18/bin, say."));
        }
        return candidates().stream()
                .flatMap(folder -> in(folder).stream())
                .max(Comparator.comparing(ClientTools::version))
                .orElseThrow(() -> new PgconvoyException(
                        ErrorKind.USAGE,
                        "pg_dump and pg_restore are not installed on this machine",
                        "Install PostgreSQL's client tools (Debian: apt-get install postgresql-client), or name their"
                                + " folder with --pg-bin."));
    }

    /** Whether archives can be compressed with zstd or lz4 (pg_dump's release notes: from 16 on). */
    public boolean knowsZstd() {
        return version.isAtLeast(ServerVersion.V16);
    }

    /** Whether pg_dump reads what to leave out from a file (release notes: from 17 on). */
    boolean knowsFilterFiles() {
        return version.isAtLeast(ServerVersion.V17);
    }

    private static Set<Path> candidates() {
        Set<Path> folders = new LinkedHashSet<>();
        for (String root : ROOTS) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(Path.of(root))) {
                for (Path entry : stream) {
                    // Debian's 18/bin, Red Hat's pgsql-18/bin, Homebrew's postgresql@18/bin and libpq/bin.
                    folders.add(entry.resolve("bin"));
                }
            } catch (IOException absent) {
                // Not this kind of machine.
            }
        }
        // PATH last: Debian's /usr/bin/pg_dump is a wrapper around those above.
        for (String entry : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (!entry.isBlank()) {
                folders.add(Path.of(entry));
            }
        }
        return folders;
    }

    private static Optional<ClientTools> in(Path folder) {
        Path pgDump = folder.resolve("pg_dump");
        if (!Files.isExecutable(pgDump) || !Files.isExecutable(folder.resolve("pg_restore"))) {
            return Optional.empty();
        }
        List<String> output = new ArrayList<>();
        try {
            ChildProcess child = new ChildProcess(List.of(pgDump.toString(), "--version"), Map.of());
            ChildProcess.Result result = child.run(output::add, line -> {}, new Cancellation());
            return result.exitStatus() == 0
                    ? Optional.of(new ClientTools(
                            folder.toAbsolutePath(), ServerVersion.ofToolOutput(String.join("\n", output))))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException unusable) {
            return Optional.empty();
        }
    }
}
