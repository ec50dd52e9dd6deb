package io.pgconvoy.report;

import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where {@code --summary-json} goes: a file, which is written whole or not at all, stdout, or a device. It is opened before
 * anything else is done, so that what an earlier run wrote there is gone, and what cannot be written is known at once.
 */
public final class JsonOutput {
    private static final String OPTION = "--summary-json ";
    private static final Set<String> STDOUT = Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

    /** Some hundred databases take as much. */
    private static final int PROBE_BYTES = 64 << 10;

    private final String name;
    private final Optional<Path> file;
    private final PrintStream stdout;

    private JsonOutput(String name, Optional<Path> file, PrintStream stdout) {
        this.name = name;
        this.file = file;
        this.stdout = stdout;
    }

    /**
     * Opens it; an earlier file is removed.
     *
     * @param name as the user gave it
     * @throws PgconvoyException of kind USAGE where it cannot be written
     */
    public static JsonOutput open(String name, PrintStream stdout) {
        if (name.isBlank()) {
            throw PgconvoyException.usage("--summary-json: the file's name is empty", "Give a file, or - for stdout.");
        }
        if (STDOUT.contains(name)) {
            return new JsonOutput(name, Optional.empty(), stdout);
        }
        try {
            Path given = Path.of(name).toAbsolutePath();
            if (Files.isDirectory(given)) {
                throw PgconvoyException.usage(
                        OPTION + name + " is a folder", "Name a file; an existing one is replaced.");
            }
            Path file = behindLinks(given);
            if (isReplaceable(file)) {
                makeRoom(name, file);
            } else if (!Files.isWritable(file)) {
                throw unwritable(name, "permission denied");
            }
            return new JsonOutput(name, Optional.of(file), stdout);
        } catch (IOException failure) {
            throw unwritable(name, FileTrouble.reason(failure));
        } catch (InvalidPathException noName) {
            throw unwritable(name, "this is no file's name");
        }
    }

    /** Whether stdout is for this alone. */
    public boolean isStdout() {
        return file.isEmpty();
    }

    /**
     * Writes a document of {@link SummaryJson}.
     *
     * @throws PgconvoyException of kind USAGE when that fails
     */
    public void write(Map<String, Object> document) {
        String text = SummaryJson.text(document) + "\n";
        if (file.isEmpty()) {
            stdout.print(text);
            if (stdout.checkError()) {
                throw unwritable(name, "nobody reads it");
            }
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            if (isReplaceable(file.get())) {
                replace(file.get(), bytes);
            } else {
                Files.write(file.get(), bytes, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            }
        } catch (IOException failure) {
            throw unwritable(name, FileTrouble.reason(failure));
        }
    }

    private static PgconvoyException unwritable(String name, String why) {
        return PgconvoyException.usage(
                OPTION + name + " cannot be written: " + why,
                "Check the folder, its permissions and the free space there, or name another file.");
    }

    /** A symbolic link stays one, and what it points to is replaced, whether or not that is there. */
    private static Path behindLinks(Path file) throws IOException {
        Path path = file;
        for (int links = 0; Files.isSymbolicLink(path) && links < 40; links++) {
            path = path.resolveSibling(Files.readSymbolicLink(path));
        }
        return path;
    }

    /** Not so a device or a pipe: that is written to. */
    private static boolean isReplaceable(Path file) {
        return Files.notExists(file) || Files.isRegularFile(file);
    }

    private static void makeRoom(String name, Path file) throws IOException {
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw PgconvoyException.usage(
                    OPTION + name + ": there is no folder " + folder,
                    "Create the folder, or name a file in another one.");
        }
        Files.deleteIfExists(file);
        Path probe = temporary(file);
        try {
            writeDurably(probe, new byte[PROBE_BYTES]);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static Path temporary(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }

    private static void writeDurably(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path temporary = temporary(file);
        try {
            writeDurably(temporary, bytes);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
