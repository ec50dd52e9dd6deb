package io.pgconvoy.journal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileNames;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.VerifyLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * All markers of one migration, in one folder, held by one process at a time. The lock is the operating system's, so
 * that it ends with the process, however that ends.
 */
public final class Journal implements AutoCloseable {
    static final String RECORD = "migration.json";

    private static final String LOCK = "lock";

    /** Without the record nobody would know any more which databases and dumps are this migration's. */
    static final String RECORD_COPY = "migration-copy.json";

    private final Path folder;
    private final FileChannel lockFile;
    private final MigrationRecord record;

    private Journal(Path folder, FileChannel lockFile, MigrationRecord record) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.record = record;
    }

    /** A lock without the journal. */
    @FunctionalInterface
    public interface Lock extends AutoCloseable {
        @Override
        void close();
    }

    /** The folder of the journal for a pair of servers. */
    public static Path folder(Path stateDir, String fromHost, int fromPort, String toHost, int toPort) {
        return stateDir.resolve(address(fromHost, fromPort) + "__" + folderSuffix(toHost, toPort));
    }

    /** What the folder's name ends in, behind two underscores, for a target. */
    public static String folderSuffix(String toHost, int toPort) {
        return address(toHost, toPort);
    }

    /** Underscores of a name are encoded here, since they part the folder's name. */
    private static String address(String host, int port) {
        return FileNames.encode(host).replace("_", "%5f") + "_" + port;
    }

    /**
     * What the journal in this folder is about, without opening it, and without a look at the record's sum: whether it is of
     * these servers and this version comes first.
     */
    public static Optional<MigrationRecord> peek(Path folder) {
        return DurableJson.peek(folder.resolve(RECORD), MigrationRecord.class)
                .or(() -> DurableJson.read(folder.resolve(RECORD_COPY), MigrationRecord.class));
    }

    /** OIDs of the databases that the migration in this folder has made; what cannot be read there is left out. */
    public static Set<Long> madeOnTarget(Path folder) {
        Set<Long> made = new HashSet<>();
        try (DirectoryStream<Path> databases = Files.newDirectoryStream(folder.resolve("databases"))) {
            for (Path database : databases) {
                DurableJson.read(database.resolve(Step.CREATED.name() + ".json"), Step.CREATED.type())
                        .filter(created -> !created.adopted())
                        .ifPresent(created -> made.add(created.oid()));
            }
        } catch (IOException | DirectoryIteratorException | PgconvoyException unreadable) {
            // It only helps to say whose a database is.
        }
        return made;
    }

    /** As {@link DatabaseJournal#isComplete}, without opening the journal. */
    public static boolean isComplete(Path folder, DatabaseName database, boolean analyze) {
        return new DatabaseJournal(database, databaseFolder(folder, database)).isComplete(analyze);
    }

    /** A database's marker, as {@link DatabaseJournal#read}, without opening the journal. */
    public static <T> Optional<T> read(Path folder, DatabaseName database, Step<T> step) {
        return new DatabaseJournal(database, databaseFolder(folder, database)).read(step);
    }

    /**
     * Takes the folder's lock, and begins a migration there or goes on with it.
     *
     * @param dumpRoot for dumps that are still to be made; earlier ones stay where they are
     * @throws PgconvoyException of kind JOURNAL when another process holds it, when it belongs to other servers, or when
     *     options changed on which its markers depend
     */
    public static Journal open(
            Path folder, ServerIdentity source, ServerIdentity target, Path dumpRoot, VerifyLevel verify) {
        DurableJson.createPrivateFolder(folder);
        FileChannel lockFile = lock(folder);
        try {
            Optional<MigrationRecord> begun = peek(folder);
            begun.ifPresent(known -> check(folder, known, source, target, verify));
            MigrationRecord record = begun.map(known -> known.withDumpRoot(dumpRoot.toString()))
                    .orElseGet(() -> new MigrationRecord(
                            MigrationRecord.FORMAT,
                            HexFormat.of()
                                    .toHexDigits(RandomGenerator.getDefault().nextLong()),
                            Instant.now(),
                            source,
                            target,
                            dumpRoot.toString(),
                            verify,
                            Optional.empty()));
            if (begun.isPresent()) {
                checkMarkers(folder.resolve("databases"));
            }
            write(folder, record);
            return new Journal(folder, lockFile, record);
        } catch (RuntimeException failure) {
            close(lockFile);
            throw failure;
        }
    }

    /** Writes what is not so on disk yet, the copy last. */
    private static void write(Path folder, MigrationRecord record) {
        for (String name : List.of(RECORD, RECORD_COPY)) {
            Path file = folder.resolve(name);
            if (!DurableJson.read(file, MigrationRecord.class).equals(Optional.of(record))) {
                DurableJson.write(file, record);
            }
        }
    }

    /**
     * Looks, without changing anything, whether a migration could be gone on with.
     *
     * @throws PgconvoyException as {@link #open}
     */
    public static void examine(Path folder, ServerIdentity source, ServerIdentity target, VerifyLevel verify) {
        Path lock = folder.resolve(LOCK);
        if (Files.exists(lock)) {
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock held = channel.tryLock()) {
                if (held == null) {
                    throw held(folder, lock);
                }
            } catch (OverlappingFileLockException sameProcess) {
                throw held(folder, lock);
            } catch (IOException failure) {
                throw unlockable(lock, failure);
            }
        }
        Optional<MigrationRecord> begun = peek(folder);
        if (begun.isPresent()) {
            check(folder, begun.get(), source, target, verify);
            checkMarkers(folder.resolve("databases"));
            DurableJson.read(folder.resolve(RECORD), MigrationRecord.class);
            DurableJson.read(folder.resolve(RECORD_COPY), MigrationRecord.class);
        }
    }

    /** Takes only the lock, for a command that works on a journal of whatever migration. */
    public static Lock lockOnly(Path folder) {
        FileChannel lockFile = lock(folder);
        return () -> close(lockFile);
    }

    /** Names this migration; 16 hexadecimal digits. */
    public String id() {
        return record.id();
    }

    /** The application_name of this migration's sessions. */
    public String applicationName() {
        return applicationName(record);
    }

    /** The application_name of the sessions of a migration whose journal is not open. */
    public static String applicationName(MigrationRecord record) {
        return "pgconvoy " + record.id();
    }

    public Path folder() {
        return folder;
    }

    /** Where new dumps are made. */
    public Path dumpRoot() {
        return Path.of(record.dumpRoot());
    }

    /** Where dumps were made before that, the latest last. */
    public List<Path> earlierDumpRoots() {
        return record.earlierDumpRoots().orElse(List.of()).stream()
                .map(Path::of)
                .toList();
    }

    /** A file for what is not about one database. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    public DatabaseJournal database(DatabaseName database) {
        return new DatabaseJournal(database, databaseFolder(folder, database));
    }

    @Override
    public void close() {
        close(lockFile);
    }

    private static Path databaseFolder(Path folder, DatabaseName database) {
        return folder.resolve("databases").resolve(FileNames.encode(database.value()));
    }

    private static void check(
            Path folder, MigrationRecord begun, ServerIdentity source, ServerIdentity target, VerifyLevel verify) {
        if (begun.format() > MigrationRecord.FORMAT) {
            throw refused(folder, "was written by a newer version of pgconvoy", "Use that version.");
        }
        checkIdentity(folder, "source", begun.source(), source);
        checkIdentity(folder, "target", begun.target(), target);
        if (begun.verify() != verify) {
            throw refused(
                    folder,
                    "was begun with --verify " + begun.verify().label() + ", not " + verify.label(),
                    "Give the same option again: what its dumps are compared by was read with them.");
        }
    }

    /** Reads every marker, so that a damaged one is named before anything is done. */
    private static void checkMarkers(Path databases) {
        if (!Files.isDirectory(databases)) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(databases)) {
            for (Path folder : folders) {
                Step.TABLE.forEach(step -> DurableJson.read(folder.resolve(step.name() + ".json"), step.type()));
            }
        } catch (IOException | DirectoryIteratorException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot read " + databases + ": " + failure.getMessage(),
                    "Check --state-dir.",
                    failure);
        }
    }

    private static void checkIdentity(Path folder, String side, ServerIdentity begun, ServerIdentity now) {
        if (!begun.systemIdentifier().equals(now.systemIdentifier())) {
            throw refused(
                    folder,
                    "was begun with another " + side + ": at " + now.host() + ":" + now.port()
                            + " was the server with system identifier " + begun.systemIdentifier() + ", now there is "
                            + now.systemIdentifier(),
                    "Was that server rebuilt? To begin anew, move this folder away.");
        }
    }

    private static PgconvoyException refused(Path folder, String what, String hint) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the migration in " + folder + " " + what,
                hint + " Or give another --state-dir (and --dump-root) for a migration of its own.");
    }

    private static FileChannel lock(Path folder) {
        Path file = folder.resolve(LOCK);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw held(folder, file);
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(
                    String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            return channel;
        } catch (OverlappingFileLockException sameProcess) {
            close(channel);
            throw held(folder, file);
        } catch (IOException failure) {
            close(channel);
            throw unlockable(file, failure);
        } catch (PgconvoyException held) {
            close(channel);
            throw held;
        }
    }

    private static PgconvoyException unlockable(Path file, IOException failure) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "cannot lock " + file + ": " + failure.getMessage(),
                "Check --state-dir: the permissions and the free space there.",
                failure);
    }

    private static PgconvoyException held(Path folder, Path file) {
        String holder = "";
        try {
            holder = " (process " + Files.readString(file).strip() + ")";
        } catch (IOException unreadable) {
            // The number only helps.
        }
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "another pgconvoy" + holder + " is at work on the migration in " + folder,
                "Wait for it to end, or stop it.");
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // The lock goes with the process at the latest.
        }
    }
}
