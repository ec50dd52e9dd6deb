package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileNames;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DurableJson;
import io.pgconvoy.postgres.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The dumps on disk: {@code <dump-root>/<database>/archive}, the deferred tables' parts in {@code parts}, and beside them
 * the name of the migration they belong to, so that nothing is ever deleted that is not ours. Safe for use by many threads on different databases.
 */
final class ArchiveStore {
    private static final String OWNER = "pgconvoy.json";

    private final Path root;
    private final String migrationId;

    /** Says whose folder it is. */
    private record Owner(String migration, String database) {}

    ArchiveStore(Path root, String migrationId) {
        this.root = root;
        this.migrationId = migrationId;
    }

    /**
     * Checks early that archives can be written.
     *
     * @throws PgconvoyException of kind USAGE
     */
    static void checkWritable(Path root) {
        try {
            Files.createDirectories(root);
            Files.delete(Files.createTempFile(root, "pgconvoy", ".tmp"));
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.USAGE,
                    "--dump-root: cannot write to " + root + ": " + FileTrouble.reason(failure),
                    "Give a folder that you may write to, with room for the dumps.",
                    failure);
        }
    }

    Path archive(DatabaseName database) {
        return folder(database).resolve("archive");
    }

    /** Where the deferred tables' parts are. */
    Path parts(DatabaseName database) {
        return folder(database).resolve("parts");
    }

    /** Makes an empty folder for the parts; {@link #prepare} has seen to it that the place is ours. */
    Path prepareParts(DatabaseName database) {
        deleteParts(database);
        DurableJson.createPrivateFolder(parts(database));
        return parts(database);
    }

    /** Deletes the parts, and leaves the archive. */
    void deleteParts(DatabaseName database) {
        try {
            deleteTree(parts(database));
        } catch (IOException failure) {
            throw undeletable(parts(database), failure);
        }
    }

    /** Whether the archive's folder is there; only a marker says that it is complete. */
    boolean exists(DatabaseName database) {
        return Files.isRegularFile(archive(database).resolve("toc.dat"));
    }

    /**
     * Makes room for a new archive; what an earlier run left incomplete is deleted, after its writers have ended.
     *
     * @return the archive's folder, which does not exist yet
     * @throws PgconvoyException where the database's folder is not this migration's
     */
    Path prepare(DatabaseName database) {
        Path folder = folder(database);
        if (Files.isDirectory(folder)) {
            Optional<Owner> owner = DurableJson.read(folder.resolve(OWNER), Owner.class);
            if (owner.isEmpty() ? !isEmpty(folder) : !owner.get().migration().equals(migrationId)) {
                throw new PgconvoyException(
                        ErrorKind.JOURNAL,
                        "the dump folder " + folder + " belongs to "
                                + owner.map(other -> "another migration, " + other.migration())
                                        .orElse("something else than pgconvoy"),
                        "Move it away, or give another --dump-root.");
            }
        }
        delete(database);
        try {
            DurableJson.createPrivateFolder(folder);
            DurableJson.write(folder.resolve(OWNER), new Owner(migrationId, database.value()));
        } catch (PgconvoyException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "--dump-root: " + failure.getMessage(),
                    "Free space there, then run the same command again.",
                    failure);
        }
        return archive(database);
    }

    /** Deletes a database's archive, if it is this migration's. */
    void delete(DatabaseName database) {
        Path folder = folder(database);
        Optional<Owner> owner = DurableJson.read(folder.resolve(OWNER), Owner.class);
        if (owner.isEmpty() || !owner.get().migration().equals(migrationId)) {
            return;
        }
        Leftovers.endProcessesOn(archive(database));
        try {
            deleteTree(archive(database));
            // The owner's name goes last, so that an interrupted deletion can be gone on with.
            deleteTree(folder);
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
    long bytes(DatabaseName database) {
        try (Stream<Path> files = Files.walk(archive(database))) {
            return files.mapToLong(ArchiveStore::size).sum();
        } catch (IOException | UncheckedIOException changing) {
            return 0;
        }
    }

    private Path folder(DatabaseName database) {
        return root.resolve(FileNames.encode(database.value()));
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
            return entries.allMatch(entry -> entry.endsWith(OWNER + ".tmp"));
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** Deletes a folder with all that is in it; one that is not there is no error. */
    static void deleteTree(Path root) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException nothing) {
            return;
        }
        // The reverse of the names' order puts a folder behind what it holds, and the archive before its owner's name.
        for (Path path : paths) {
            if (!path.endsWith(OWNER) && !path.equals(root)) {
                Files.deleteIfExists(path);
            }
        }
        Files.deleteIfExists(root.resolve(OWNER));
        Files.deleteIfExists(root);
    }
}
