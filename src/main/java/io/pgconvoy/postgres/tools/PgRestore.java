package io.pgconvoy.postgres.tools;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs pg_restore over an archive in directory format. */
public final class PgRestore {
    private static final Logger log = LoggerFactory.getLogger(PgRestore.class);

    private final ClientTools tools;
    private final Server target;
    private final boolean tablespaces;

    /** One that restores into the tablespaces of the archive. */
    public PgRestore(ClientTools tools, Server target) {
        this(tools, target, true);
    }

    /**
     * One of either kind.
     *
     * @param tablespaces whether tables and indexes go into the tablespaces of the archive, or all into the database's own
     */
    public PgRestore(ClientTools tools, Server target, boolean tablespaces) {
        this.tools = tools;
        this.target = target;
        this.tablespaces = tablespaces;
    }

    /** Whether tables and indexes go into the tablespaces of the archive. */
    public boolean restoresTablespaces() {
        return tablespaces;
    }

    /**
     * How to restore.
     *
     * @param jobs workers; pg_restore opens one connection more
     * @param clean whether to drop what the archive holds first, if it is there
     * @param entries what to restore, in the archive's order; empty for everything
     * @param sections of these, as {@code --section} calls them; empty for all
     * @param settings of pg_restore's sessions, by name
     */
    public record Options(
            int jobs,
            boolean clean,
            Optional<List<TocEntry>> entries,
            List<String> sections,
            Map<String, String> settings) {
        public Options {
            sections = List.copyOf(sections);
            entries = entries.map(List::copyOf);
            settings = Map.copyOf(settings);
        }

        public Options(int jobs, boolean clean) {
            this(jobs, clean, Optional.empty(), List.of(), Map.of());
        }

        /** The same for these entries alone. */
        public Options only(List<TocEntry> some) {
            return new Options(jobs, clean, Optional.of(some), sections, settings);
        }

        /** The same for these sections alone. */
        public Options sections(String... some) {
            return new Options(jobs, clean, entries, List.of(some), settings);
        }

        /** The same by one worker. */
        private Options byOne() {
            return new Options(1, clean, entries, sections, settings);
        }

        /** The same with these settings. */
        public Options with(Map<String, String> others) {
            return new Options(jobs, clean, entries, sections, others);
        }
    }

    /**
     * Reads an archive's table of contents.
     *
     * @throws PgconvoyException when the archive is damaged
     */
    public ArchiveToc toc(Path archive, Cancellation cancellation) {
        List<String> lines = new ArrayList<>();
        ChildProcess child = new ChildProcess(
                List.of(tools.pgRestore().toString(), "--list", "--verbose", archive.toString()), Map.of());
        ChildProcess.Result result = run(child, lines, line -> {}, cancellation);
        if (result.exitStatus() != 0) {
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    "the archive " + archive + " cannot be read: " + ToolErrors.lastError(result.tail()),
                    "Delete this folder and the database's 'dumped' marker to have it dumped again.");
        }
        return ArchiveToc.parse(lines);
    }

    /**
     * Restores an archive, or some of its entries.
     *
     * <p>pg_restore's workers grant privileges in any order, and a grant by somebody else than the owner fails while that
     * role may not yet use the schema, say. So where privileges failed, they are granted once more in the archive's order.
     * Two workers' locks on partitions may cross each other, or those of two runs of it; then all that failed is restored once
     * more in that order. And
     * event triggers come before materialized views are refreshed, for which they then fire. So event triggers are restored
     * when everything else is there.
     *
     * @param onTableDone called for each table whose data is in, from another thread
     * @return the errors that pg_restore went on from, harmless ones included
     * @throws PgconvoyException when pg_restore broke off before its end
     */
    public List<RestoreError> restore(
            DatabaseName database,
            Path archive,
            ArchiveToc toc,
            Options options,
            Runnable onTableDone,
            Cancellation cancellation) {
        List<TocEntry> entries = options.entries().orElseGet(toc::entries);
        List<TocEntry> eventTriggers =
                entries.stream().filter(TocEntry::isEventTrigger).toList();
        List<TocEntry> others =
                entries.stream().filter(entry -> !entry.isEventTrigger()).toList();
        // What is to be dropped first is dropped by one run, since the triggers need what is dropped with the rest.
        if (!options.clean() && !eventTriggers.isEmpty() && !others.isEmpty()) {
            return Stream.of(
                            restore(database, archive, toc, options.only(others), onTableDone, cancellation),
                            restore(
                                    database,
                                    archive,
                                    toc,
                                    options.byOne().only(eventTriggers),
                                    () -> {},
                                    cancellation))
                    .flatMap(List::stream)
                    .toList();
        }
        RestoreOutput first = restore(database, archive, options, new RestoreOutput(toc, onTableDone), cancellation);
        List<TocEntry> again = options.jobs() > 1 || first.isDeadlocked() ? first.toTryAgain() : List.of();
        if (again.isEmpty()) {
            return first.errors();
        }
        log.info("database {}: trying {} entries again, one after the other", database, again.size());
        Options second = new Options(1, false).only(again).with(options.settings());
        List<RestoreError> stillFailing = restore(
                        database, archive, second, new RestoreOutput(toc, () -> {}), cancellation)
                .errors();
        if (first.isDeadlocked() && !stillFailing.isEmpty()) {
            // A half of what failed may be there, so that the rest cannot be: then all is to be restored anew.
            return first.errors();
        }
        Set<String> tried = again.stream().map(TocEntry::label).collect(Collectors.toSet());
        return Stream.concat(
                        first.errors().stream().filter(error -> !tried.contains(error.entry())), stillFailing.stream())
                .distinct()
                .toList();
    }

    private RestoreOutput restore(
            DatabaseName database, Path archive, Options options, RestoreOutput output, Cancellation cancellation) {
        Map<String, String> environment = target.toolEnvironment(options.settings());
        if (options.entries().isEmpty()) {
            return runToTheEnd(database, command(database, archive, options), environment, output, cancellation);
        }
        if (options.entries().get().isEmpty()) {
            return output;
        }
        String lines = options.entries().get().stream()
                .map(entry -> entry.dumpId() + ";\n")
                .collect(Collectors.joining());
        try (FileBeside list = FileBeside.write(archive, ".list", lines.getBytes(StandardCharsets.US_ASCII))) {
            List<String> command = new ArrayList<>(command(database, archive, options));
            command.add("--use-list=" + list.path());
            return runToTheEnd(database, command, environment, output, cancellation);
        }
    }

    private RestoreOutput runToTheEnd(
            DatabaseName database,
            List<String> command,
            Map<String, String> environment,
            RestoreOutput output,
            Cancellation cancellation) {
        ChildProcess child = new ChildProcess(command, environment);
        log.debug("{}", child.commandLine());
        ChildProcess.Result result;
        try {
            result = child.runOn(target, output::line, cancellation);
        } catch (IOException failure) {
            throw unstartable(failure);
        }
        if (!output.reachedTheEnd(result.exitStatus())) {
            throw new PgconvoyException(
                    ErrorKind.TARGET,
                    target.label() + ", database \"" + database + "\": pg_restore broke off with exit status "
                            + result.exitStatus() + ": "
                            + output.errors().stream()
                                    .reduce((earlier, later) -> later)
                                    .map(RestoreError::toString)
                                    .orElseGet(() -> ToolErrors.lastError(result.tail())),
                    "Repair the cause, then run the same command again: the database is restored anew."
                            + " The command was: " + child.commandLine(),
                    said(output, result));
        }
        return output;
    }

    /** Its errors, which verbose lines may have pushed out of the tail; a worker's are among them. */
    private static ToolFailure said(RestoreOutput output, ChildProcess.Result result) {
        return output.errors().isEmpty()
                ? new ToolFailure(List.of(ToolErrors.lastError(result.tail())))
                : ToolFailure.of(output.errors());
    }

    private List<String> command(DatabaseName database, Path archive, Options options) {
        List<String> command = new ArrayList<>();
        command.add(tools.pgRestore().toString());
        command.add("--jobs=" + options.jobs());
        // It says which items are finished only when it is verbose and has workers.
        command.add("--verbose");
        command.add("--no-password");
        if (options.clean()) {
            command.add("--clean");
            command.add("--if-exists");
        }
        options.sections().forEach(section -> command.add("--section=" + section));
        if (!tablespaces) {
            command.add("--no-tablespaces");
        }
        command.add("--dbname=" + target.conninfo(database));
        command.add(archive.toString());
        return command;
    }

    private ChildProcess.Result run(
            ChildProcess child, List<String> stdout, Consumer<String> stderr, Cancellation cancellation) {
        try {
            return child.run(stdout::add, stderr, cancellation);
        } catch (IOException failure) {
            throw unstartable(failure);
        }
    }

    private PgconvoyException unstartable(IOException failure) {
        return new PgconvoyException(
                ErrorKind.USAGE,
                "cannot start " + tools.pgRestore() + ": " + failure.getMessage(),
                "Check --pg-bin.",
                failure);
    }
}
