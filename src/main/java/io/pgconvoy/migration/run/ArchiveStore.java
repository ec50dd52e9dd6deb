package io.pgconvoy.migration.run;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DumpRoot;
import io.pgconvoy.config.DurableFiles;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileNames;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalEntry;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The dumps on disk: {@code <dump-root>/<database>/archive}, the deferred tables' parts in {@code parts}, and beside them
 * the name of the migration they belong to, so that nothing is ever deleted that is not ours. A dump stays where it was
 * made, whatever --dump-root says since. Safe for use by many threads on different databases.
 */
public final class ArchiveStore {
    private static final JournalEntry<Owner> OWNER = new JournalEntry<>("pgconvoy", Owner.class, "");
    private static final String OWNER_FILE = "pgconvoy.json";
    private static final String ARCHIVE = "archive";

    private final Path root;
    private final List<Path> earlierRoots;
    private final String migrationId;
    private final Function<DatabaseName, Optional<Path>> made;

    /** Those for whose dump this run has made room: it is there, and no marker need be read to know that. */
    private final Set<DatabaseName> prepared = ConcurrentHashMap.newKeySet();

    /** Says whose folder it is. */
    private record Owner(String migration, String database) {}

    /**
     * @param root for new dumps
     * @param earlierRoots where earlier runs made theirs
     * @param made where a database's complete archive was made, as its marker says
     */
    ArchiveStore(Path root, List<Path> earlierRoots, String migrationId, Function<DatabaseName, Optional<Path>> made) {
        this.root = root;
        this.earlierRoots = List.copyOf(earlierRoots);
        this.migrationId = migrationId;
        this.made = made;
    }

    /** That of a migration, which takes new dumps where its journal says. */
    public static ArchiveStore of(Journal journal) {
        return new ArchiveStore(
                journal.dumpRoot(),
                journal.earlierDumpRoots(),
                journal.id(),
                database -> journal.database(database).read(Step.DUMPED).map(dumped -> Path.of(dumped.archive())));
    }

    /** Where the archive is, or is to be. */
    public Path archive(DatabaseName database) {
        return folder(database).resolve(ARCHIVE);
    }

    /** Where the deferred tables' parts are. */
    public Path parts(DatabaseName database) {
        return folder(database).resolve("parts");
    }

    /** Makes an empty folder for the parts; {@link #prepare} has seen to it that the place is ours. */
    public Path prepareParts(DatabaseName database) {
        deleteParts(database);
        DumpRoot.createFolder(parts(database));
        return parts(database);
    }

    /** Deletes the parts, and leaves the archive. */
    public void deleteParts(DatabaseName database) {
        try {
            DurableFiles.deleteTree(parts(database), OWNER_FILE);
        } catch (IOException failure) {
            throw undeletable(parts(database), failure);
        }
    }

    /** Whether the archive's folder is there; only a marker says that it is complete. */
    public boolean exists(DatabaseName database) {
        return Files.isRegularFile(archive(database).resolve("toc.dat"));
    }

    /**
     * Makes room for a new archive; what an earlier run left incomplete is deleted, after its writers have ended.
     *
     * @return the archive's folder, which does not exist yet
     * @throws PgconvoyException where the database's folder is not this migration's
     */
    public Path prepare(DatabaseName database) {
        delete(database);
        Path folder = folder(root, database);
        if (Files.isDirectory(folder)) {
            Optional<Owner> owner = owner(folder);
            if (owner.isEmpty() ? !isEmpty(folder) : !isOurs(owner.get())) {
                throw new PgconvoyException(
                        ErrorKind.JOURNAL,
                        "the dump folder " + folder + " belongs to "
                                + owner.map(other -> "another migration, " + other.migration())
                                        .orElse("something else than pgconvoy"),
                        "Move it away, or give another --dump-root.");
            }
        }
        try {
            new JournalFolder(folder).write(OWNER, new Owner(migrationId, database.value()));
        } catch (PgconvoyException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "--dump-root: " + failure.getMessage(),
                    "Free space there, then run the same command again.",
                    failure);
        }
        prepared.add(database);
        return folder.resolve(ARCHIVE);
    }

    /** Deletes a database's dump wherever it is, if it is this migration's, when who may still be at work on it has ended. */
    public void delete(DatabaseName database) {
        delete(database, Leftovers::endProcessesOn);
    }

    /** The same for a database that is complete: nobody is at work on its dump, whom to look for takes milliseconds. */
    public void deleteUsed(DatabaseName database) {
        delete(database, archive -> {});
    }

    private void delete(DatabaseName database, Consumer<Path> endUse) {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(folder(database));
        folders.add(folder(root, database));
        earlierRoots.forEach(earlier -> folders.add(folder(earlier, database)));
        // A journal whose record was lost has another name by now, and still knows its dumps.
        Optional<Path> ours = made.apply(database).map(Path::getParent);
        for (Path folder : folders) {
            Optional<Owner> owner = owner(folder);
            if (owner.filter(known -> isOurs(known) || ours.equals(Optional.of(folder)))
                    .isPresent()) {
                endUse.accept(folder.resolve(ARCHIVE));
                deleteFolder(folder);
            }
        }
    }

    private boolean isOurs(Owner owner) {
        return owner.migration().equals(migrationId);
    }

    private static void deleteFolder(Path folder) {
        Path archive = folder.resolve(ARCHIVE);
        try {
            DurableFiles.deleteTree(archive, OWNER_FILE);
            // The owner's name goes last, so that an interrupted deletion can be gone on with.
            DurableFiles.deleteTree(folder, OWNER_FILE);
        } catch (IOException failure) {
            throw undeletable(folder, failure);
        }
    }

    private static PgconvoyException undeletable(Path folder, IOException failure) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "cannot delete the dump " + folder + ": " + failure.getMessage(),
                "Delete it yourself, then run the same command again.",
                failure);
    }

    /** Bytes on disk so far. */
    public long bytes(DatabaseName database) {
        try (Stream<Path> files = Files.walk(archive(database))) {
            return files.mapToLong(ArchiveStore::size).sum();
        } catch (IOException | UncheckedIOException changing) {
            return 0;
        }
    }

    /** Where a complete archive was made, unless somebody has moved it to where new ones are made. */
    private Path folder(DatabaseName database) {
        if (prepared.contains(database)) {
            return folder(root, database);
        }
        return made.apply(database)
                .filter(archive -> Files.isDirectory(archive))
                .map(Path::getParent)
                .orElseGet(() -> folder(root, database));
    }

    private static Path folder(Path root, DatabaseName database) {
        return root.resolve(FileNames.encode(database.value()));
    }

    private static Optional<Owner> owner(Path folder) {
        try {
            return new JournalFolder(folder).read(OWNER);
        } catch (PgconvoyException damaged) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "the file " + folder.resolve(OWNER_FILE)
                            + ", which says whose dump it is, is damaged or cannot be read",
                    "Delete or move away the folder " + folder + ", then run the same command again, which dumps the"
                            + " database anew if need be.",
                    damaged);
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException gone) {
            return 0;
        }
    }

    /** What a full disk or a kill leaves of the owner's name is nobody's. */
    private static boolean isEmpty(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.allMatch(entry -> entry.endsWith(OWNER_FILE + ".tmp"));
        } catch (IOException unreadable) {
            return false;
        }
    }
}
