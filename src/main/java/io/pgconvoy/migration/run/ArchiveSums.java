package io.pgconvoy.migration.run;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Markers.FileSum;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The sizes and checksums of an archive's files. pg_dump's compressors write none, so that a bit that turned on the disk
 * would be restored as other contents.
 */
public final class ArchiveSums {
    /** For each read of more than the C library keeps at hand, the JVM would have the system give it memory anew. */
    private static final int BUFFER = 1 << 16;

    /** What one more thread is begun for. */
    private static final long A_THREADS_SHARE = 16L << 20;

    private ArchiveSums() {}

    /** Reads every file, one after the other; in the order of their names. */
    public static List<FileSum> of(Path archive, Cancellation cancellation) {
        byte[] buffer = new byte[BUFFER];
        return files(archive).stream()
                .map(file -> sum(archive, file, buffer, cancellation))
                .toList();
    }

    /** Finds a file that is missing or has another size, which takes no reading; says which. */
    public static Optional<String> otherSize(Path archive, List<FileSum> expected) {
        for (FileSum file : expected) {
            Path path = archive.resolve(file.file());
            try {
                long size = Files.size(path);
                if (size != file.bytes()) {
                    return Optional.of(path + " has " + size + " of " + file.bytes() + " bytes");
                }
            } catch (NoSuchFileException missing) {
                return Optional.of(path + " is missing");
            } catch (IOException failure) {
                return Optional.of(path + " cannot be read: " + FileTrouble.reason(failure));
            }
        }
        return Optional.empty();
    }

    /** Finds a file that is not what was written; says which. */
    static Optional<String> damage(
            Path archive, List<FileSum> expected, String name, int threads, Cancellation cancellation) {
        Optional<String> otherSize = otherSize(archive, expected);
        if (otherSize.isPresent()) {
            return otherSize;
        }
        // The largest first, so that no thread is left alone with it.
        Queue<FileSum> queue = new ConcurrentLinkedQueue<>(expected.stream()
                .sorted(Comparator.comparingLong(FileSum::bytes).reversed())
                .toList());
        Queue<String> damaged = new ConcurrentLinkedQueue<>();
        long bytes = expected.stream().mapToLong(FileSum::bytes).sum();
        int useful = (int) Math.min(queue.size(), 1 + bytes / A_THREADS_SHARE);
        Tasks.inParallel(name, Math.min(threads, useful), cancellation, () -> {
            byte[] buffer = new byte[BUFFER];
            for (FileSum file = queue.poll(); file != null && damaged.isEmpty(); file = queue.poll()) {
                Path path = archive.resolve(file.file());
                try {
                    if (!sum(archive, path, buffer, cancellation).equals(file)) {
                        damaged.add(path + " has another checksum than when it was written");
                    }
                } catch (PgconvoyException unreadable) {
                    cancellation.check();
                    damaged.add(unreadable.getMessage());
                }
            }
        });
        return Optional.ofNullable(damaged.peek());
    }

    /**
     * Looks at an archive once more before it is read, if its marker says how it was.
     *
     * @throws PgconvoyException with a {@link DumpDamage} as its cause
     */
    public static void refuseDamage(Run run, DatabaseName database, Markers.Dumped dumped) {
        dumped.files()
                .flatMap(files -> damage(
                        run.archives().archive(database),
                        files,
                        "sum-" + database,
                        run.parallelism().restoreJobs(),
                        run.cancellation()))
                .ifPresent(what -> {
                    throw DumpDamage.ofArchive(what);
                });
    }

    private static List<Path> files(Path archive) {
        try (Stream<Path> files = Files.walk(archive)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException | UncheckedIOException failure) {
            throw unreadable(archive, failure.getMessage(), failure);
        }
    }

    private static FileSum sum(Path archive, Path file, byte[] buffer, Cancellation cancellation) {
        CRC32C crc = new CRC32C();
        long bytes = 0;
        // Not a channel's stream: an interrupted thread would close that, which would look like damage.
        try (FileInputStream stream = new FileInputStream(file.toFile())) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                cancellation.check();
                crc.update(buffer, 0, count);
                bytes += count;
            }
        } catch (IOException failure) {
            throw unreadable(file, FileTrouble.reason(failure), failure);
        }
        return new FileSum(archive.relativize(file).toString(), bytes, crc.getValue());
    }

    private static PgconvoyException unreadable(Path path, String reason, Exception cause) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "the dump's file " + path + " cannot be read: " + reason,
                "Check the disk of --dump-root, then run the same command again.",
                cause);
    }
}
