package io.pgconvoy.postgres.tools;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that a client tool reads, for the time that it runs, beside the archive that it works on: several tools may
 * work on one archive, so each file has a name of its own.
 */
record FileBeside(Path path) implements AutoCloseable {
    /** Writes the file, readable by this user only. */
    static FileBeside write(Path archive, String suffix, byte[] content) {
        Path folder = archive.toAbsolutePath().getParent();
        try {
            Path file = Files.createTempFile(folder, "pgconvoy", suffix);
            Files.write(file, content);
            return new FileBeside(file);
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.USAGE,
                    "--dump-root: cannot write a file in " + folder + ": " + FileTrouble.reason(failure),
                    "Check the free space and the permissions there.",
                    failure);
        }
    }

    /** Deletes the file; one that cannot be deleted goes with the archive's folder. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException stays) {
            path.toFile().deleteOnExit();
        }
    }
}
