package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.catalog.TablespaceCatalog;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.DurableFiles;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.postgres.tools.PgDump;
import io.pgconvoy.postgres.tools.PgRestore;
import io.pgconvoy.postgres.tools.RestoreError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores the schema of every database into scratch databases on the target, loads the first rows of tables, and drops them
 * again: what no list of removed features knows fails here. An object makes one rehearsal.
 */
public final class SchemaRehearsal {
    private static final Logger log = LoggerFactory.getLogger(SchemaRehearsal.class);

    private final MigrationConfig config;
    private final Server source;
    private final Server target;
    private final String systemIdentifier;
    private final Severity ofFailure;
    private final Cancellation cancellation;
    private final Consumer<String> notes;
    private final ScratchDatabases scratch;
    private final DatabaseSetup setup;
    private final PgDump pgDump;
    private final PgRestore pgRestore;

    public SchemaRehearsal(
            MigrationConfig config,
            ClientTools tools,
            Server source,
            Server target,
            String systemIdentifier,
            Severity ofFailure,
            Consumer<String> notes) {
        String id = HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
        this.config = config;
        this.scratch = new ScratchDatabases(target, id);
        this.source = source.withApplicationName(scratch.applicationName());
        this.target = target.withApplicationName(scratch.applicationName());
        this.systemIdentifier = systemIdentifier;
        this.ofFailure = ofFailure;
        this.cancellation = target.cancellation();
        this.notes = notes;
        this.setup = new DatabaseSetup(this.source, this.target, config.tablespaces());
        this.pgDump = new PgDump(tools, this.source, Compression.parse("none"));
        // Tablespaces are still to come, or not ours to fill; the check of that name tells what is the matter with
        // them.
        this.pgRestore = new PgRestore(tools, this.target, false);
    }

    /**
     * Rehearses all of them.
     *
     * @return a blocker for each error, with its object and SQL
     * @throws PgconvoyException when interrupted, or when a server or a tool fails as a whole; the scratch databases are
     *     dropped all the same
     */
    public List<Finding> run(List<DatabaseProperties> databases) {
        Path folder = config.dumpRoot().resolve(folderPrefix(systemIdentifier) + scratch.id());
        try (var presence = scratch.open()) {
            tidy(config, target, systemIdentifier, notes);
            DumpRoot.createFolder(folder);
            Judge judge = judge();
            Queue<Finding> findings = new ConcurrentLinkedQueue<>();
            Tasks.forEach(
                    "rehearsal",
                    workers(),
                    cancellation,
                    databases,
                    next -> findings.addAll(rehearse(next, folder, judge)));
            return new ArrayList<>(findings);
        } finally {
            delete(folder);
        }
    }

    /** Drops the scratch databases of rehearsals that died, and deletes their archives. */
    public static void tidy(MigrationConfig config, Server target, String systemIdentifier, Consumer<String> notes) {
        ScratchDatabases.dropLeftovers(target)
                .forEach(name -> notes.accept("dropped " + name + ", left by a run that died"));
        String prefix = folderPrefix(systemIdentifier);
        List<Path> folders;
        try (Stream<Path> all = Files.list(config.dumpRoot())) {
            folders = all.filter(folder -> folder.getFileName().toString().startsWith(prefix))
                    .toList();
        } catch (IOException absent) {
            return;
        }
        if (!folders.isEmpty()) {
            // Asked after the look: who comes later is not in it.
            Set<String> alive = ScratchDatabases.alive(target);
            folders.stream()
                    .filter(folder -> !alive.contains(ScratchDatabases.PREFIX
                            + folder.getFileName().toString().substring(prefix.length())))
                    .forEach(SchemaRehearsal::delete);
        }
    }

    /** Other targets' rehearsals may have the same dump root, and are not known to this one. */
    private static String folderPrefix(String systemIdentifier) {
        return "rehearsal_" + systemIdentifier.replaceAll("[^0-9A-Za-z]", "-") + "_";
    }

    private int workers() {
        return config.parallelism()
                .restoreParallel()
                .orElse(config.parallelism()
                        .maxParallel()
                        .orElse(Runtime.getRuntime().availableProcessors()));
    }

    private List<Finding> rehearse(DatabaseProperties database, Path folder, Judge judge) {
        Path archive = folder.resolve(String.valueOf(database.oid()));
        DatabaseName name = scratch.name(database);
        // Whatever fails first is told, and not that what it made could not be dropped either.
        try (ScratchDatabases.Presence files = () -> delete(archive);
                ScratchDatabases.Presence made = () -> scratch.drop(name)) {
            return rehearse(database, name, archive, judge);
        }
    }

    private List<Finding> rehearse(DatabaseProperties database, DatabaseName name, Path archive, Judge judge) {
        try {
            setup.create(database, name);
            pgDump.dumpSchema(database.name(), archive, cancellation);
            ArchiveToc toc = pgRestore.toc(archive, cancellation);
            List<RestoreError> errors =
                    pgRestore.restore(name, archive, toc, new PgRestore.Options(1, false), () -> {}, cancellation);
            List<Finding> findings = new ArrayList<>(
                    judge.findings().of(database.name(), toc, judge.standIns().retry(name, toc, errors)));
            findings.addAll(new SampleRows(source, target, database.name(), name, database.encoding()).run());
            return findings;
        } catch (PgconvoyException failure) {
            cancellation.check();
            return List.of(failed(database, failure));
        }
    }

    /** The others are rehearsed nevertheless. */
    private Finding failed(DatabaseProperties database, PgconvoyException failure) {
        return new Finding(
                RehearsalFindings.NAME,
                ofFailure,
                Optional.empty(),
                failure.getMessage(),
                List.of(Place.of(database.name())),
                failure.hint(),
                Optional.empty());
    }

    /**
     * What tells faults from what a rehearsal lacks.
     *
     * @param standIns for all workers: one transaction at a time
     */
    private record Judge(RehearsalFindings findings, RoleStandIns standIns) {}

    /** Roles and tablespaces are made by the migration itself; a rehearsal leaves the target's globals alone. */
    private Judge judge() {
        try (Session onSource = source.session("reading roles and tablespaces");
                Session onTarget = target.session("reading roles and tablespaces")) {
            ServerFacts facts = ServerFacts.read(onTarget);
            Set<String> roles = new HashSet<>(RoleCatalog.roles(onSource).names());
            roles.removeAll(facts.roles());
            Set<String> tablespaces = TablespaceCatalog.list(onSource).stream()
                    .map(Tablespace::name)
                    .collect(Collectors.toCollection(HashSet::new));
            tablespaces.removeAll(facts.tablespaces());
            RehearsalFindings findings = new RehearsalFindings(roles, tablespaces);
            return new Judge(findings, new RoleStandIns(target, roles, findings));
        }
    }

    private static void delete(Path folder) {
        try {
            DurableFiles.deleteTree(folder, "");
        } catch (IOException | UncheckedIOException failure) {
            log.warn("the rehearsal's folder {} could not be deleted: {}", folder, failure.getMessage());
        }
    }
}
