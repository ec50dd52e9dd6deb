package io.pgconvoy.postgres.tools;

import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.UnsettledException;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs pg_dump into an archive in directory format. */
public final class PgDump {
    private static final Logger log = LoggerFactory.getLogger(PgDump.class);

    /** What pg_dump, or the server through it, says where somebody has locked a table, waits to do so, or drops something. */
    private static final List<String> IN_THE_WAY = List.of(
            "could not obtain lock on relation",
            "canceling statement due to statement timeout",
            "canceling statement due to lock timeout",
            "canceling statement due to user request",
            "deadlock detected",
            // A view, an index or a function that the snapshot knows was dropped.
            "could not open relation with OID",
            "cache lookup failed");

    private final ClientTools tools;
    private final Server source;
    private final Compression compression;

    public PgDump(ClientTools tools, Server source, Compression compression) {
        this.tools = tools;
        this.source = source;
        this.compression = compression;
    }

    /**
     * Dumps one database as a snapshot sees it, without the data of some tables; their sequences keep their values.
     *
     * @param archive the folder to create; must not exist
     * @param jobs pg_dump's workers; it opens one connection more
     * @param excluded the tables whose data to leave out
     * @throws UnsettledException when it fails since somebody came to alter a table, for which its workers do not wait, or drops things
     * @throws PgconvoyException when pg_dump fails for another reason; the archive is then incomplete
     */
    public void dump(
            DatabaseName database,
            String snapshot,
            Path archive,
            int jobs,
            ExcludedData excluded,
            Cancellation cancellation) {
        List<String> command = command(database, archive);
        command.add("--jobs=" + jobs);
        command.add("--compress=" + compressionArgument());
        command.add("--snapshot=" + snapshot);
        // Thousands of tables do not fit into a command line.
        Optional<byte[]> filter = tools.knowsFilterFiles() ? excluded.asFilter() : Optional.empty();
        command.addAll(excluded.asArguments(tools.knowsFilterFiles()));
        if (filter.isEmpty()) {
            runRows(database, command, cancellation);
            return;
        }
        try (FileBeside file = FileBeside.write(archive, ".filter", filter.get())) {
            command.add("--filter=" + file.path());
            runRows(database, command, cancellation);
        }
    }

    private void runRows(DatabaseName database, List<String> command, Cancellation cancellation) {
        ChildProcess.Result result = start(database, command, cancellation);
        if (result.exitStatus() == 0) {
            return;
        }
        String text = String.join("\n", result.tail());
        if (IN_THE_WAY.stream().anyMatch(text::contains)) {
            cancellation.check();
            throw new UnsettledException(failure(database, command, result));
        }
        throw failure(database, command, result);
    }

    /**
     * Dumps what a database holds but no rows.
     *
     * @param archive the folder to create; must not exist
     * @throws PgconvoyException when pg_dump fails
     */
    public void dumpSchema(DatabaseName database, Path archive, Cancellation cancellation) {
        List<String> command = command(database, archive);
        command.add("--schema-only");
        run(database, command, cancellation);
    }

    private void run(DatabaseName database, List<String> command, Cancellation cancellation) {
        ChildProcess.Result result = start(database, command, cancellation);
        if (result.exitStatus() != 0) {
            throw failure(database, command, result);
        }
    }

    private ChildProcess.Result start(DatabaseName database, List<String> command, Cancellation cancellation) {
        ChildProcess child = new ChildProcess(command, source.toolEnvironment(Map.of()));
        log.debug("{}", child.commandLine());
        try {
            return child.runOn(source, line -> log.debug("pg_dump of {}: {}", database, line), cancellation);
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.USAGE, "cannot start " + tools.pgDump() + ": " + failure.getMessage(), "Check --pg-bin.");
        }
    }

    private PgconvoyException failure(DatabaseName database, List<String> command, ChildProcess.Result result) {
        String error = ToolErrors.lastError(result.tail());
        return new PgconvoyException(
                ErrorKind.SOURCE,
                source.label() + ", database \"" + database + "\": pg_dump failed with exit status "
                        + result.exitStatus() + ": " + error,
                hint(error, result.tail()) + " Its command was: " + new ChildProcess(command, Map.of()).commandLine(),
                new ToolFailure(result.tail()));
    }

    private List<String> command(DatabaseName database, Path archive) {
        List<String> command = new ArrayList<>();
        command.add(tools.pgDump().toString());
        command.add("--format=directory");
        // A word that is a keyword only in the newer version must not break its CREATE TABLE.
        command.add("--quote-all-identifiers");
        command.add("--no-password");
        command.add("--file=" + archive);
        if (!source.lockWait().isZero()) {
            command.add("--lock-wait-timeout=" + source.lockWait().toMillis());
        }
        command.add("--dbname=" + source.conninfo(database));
        return command;
    }

    private String compressionArgument() {
        if (tools.knowsZstd()) {
            return compression.toString();
        }
        // Before 16, -Z takes a number for gzip, 0 for none.
        return compression.method() == Compression.Method.NONE
                ? "0"
                : String.valueOf(compression.level().orElse(6));
    }

    private static String hint(String error, List<String> tail) {
        if (error.contains(ToolErrors.FULL_DISK)
                || tail.stream().anyMatch(line -> line.contains(ToolErrors.FULL_DISK))) {
            return "The disk of --dump-root is full: free space there, then run the same command again.";
        }
        return "Repair the cause, then run the same command again: complete databases are not done twice.";
    }
}
