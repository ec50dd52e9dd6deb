package io.pgconvoy.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that --dump-root names, and what stands in the way of writing to it. */
public final class DumpRoot {
    private DumpRoot() {}

    /**
     * Checks early that archives can be written.
     *
     * @throws PgconvoyException of kind USAGE
     */
    public static void checkWritable(Path root) {
        try {
            Files.createDirectories(root);
            Files.delete(Files.createTempFile(root, "pgconvoy", ".tmp"));
        } catch (IOException failure) {
            throw unusable(root, failure);
        }
    }

    /** Why nothing can be written to it at all. */
    public static PgconvoyException unusable(Path root, IOException failure) {
        return new PgconvoyException(
                ErrorKind.USAGE,
                "--dump-root: cannot write to " + root + ": " + FileTrouble.reason(failure),
                "Give a folder that you may write to, with room for the dumps.",
                failure);
    }

    /**
     * Makes a folder in it that only its owner may look into.
     *
     * @throws PgconvoyException of kind JOURNAL
     */
    public static void createFolder(Path folder) {
        try {
            DurableFiles.createPrivateFolder(folder);
        } catch (IOException failure) {
            throw unwritable(folder, failure);
        }
    }

    /** Why a file or a folder in it cannot be written. */
    public static PgconvoyException unwritable(Path file, IOException failure) {
        String reason = FileTrouble.reason(failure);
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "--dump-root: cannot write " + file + ": " + reason,
                reason.contains("o space left on device")
                        ? "The disk of --dump-root is full: free space there, then run the same command again."
                        : "Check the folder's permissions and its disk, then run the same command again.",
                failure);
    }
}
