package io.pgconvoy.config;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is on disk whole or not at all, also after a power failure. */
public final class DurableFiles {
    private DurableFiles() {}

    /** Writes what is to be in a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream stream) throws IOException;
    }

    /** Writes a file beside, fsyncs and renames it: until then an earlier one is untouched. */
    public static void replace(Path file, Content content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            OutputStream stream = Channels.newOutputStream(channel);
            content.writeTo(stream);
            stream.flush();
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder(file.toAbsolutePath().getParent());
    }

    /** Makes renames and deletions in a folder durable, and the names of new files. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates a folder and those above it; only its owner may look into the last one. */
    public static void createPrivateFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /**
     * Deletes a folder with all that is in it; one that is not there is no error.
     *
     * @param last the name of what goes last of its files, if it is there; empty for none
     */
    public static void deleteTree(Path root, String last) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            // The reverse of the names' order puts a folder behind what it holds.
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException nothing) {
            return;
        }
        for (Path path : paths) {
            if (!path.endsWith(last) && !path.equals(root)) {
                Files.deleteIfExists(path);
            }
        }
        Files.deleteIfExists(root.resolve(last));
        Files.deleteIfExists(root);
    }

    /** Why nothing can be written to a folder, or to where it is to be made; what is tried is gone on return. */
    public static Optional<IOException> obstacle(Path folder) {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            Files.delete(Files.createTempFile(existing, "pgconvoy", ".tmp"));
            return Optional.empty();
        } catch (IOException failure) {
            return Optional.of(failure);
        }
    }
}
