package io.pgconvoy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** A file of JSON that is written once, at the end of a run, whole or not at all: that of {@code --summary-json}. */
public final class JsonFile {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonFile() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** To the millisecond. */
    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /**
     * Finds out before hours of work whether the file can be written after them.
     *
     * @throws PgconvoyException of kind USAGE when it cannot
     */
    public static void check(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " is a folder", "Name a file; an existing one is replaced.");
        }
        if (!Files.isDirectory(folder)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + ": there is no folder " + folder,
                    "Create the folder, or name a file in another one.");
        }
        if (!Files.isWritable(isReplaceable(file) ? folder : file)) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " cannot be written", "Check the permissions of " + folder + ".");
        }
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @throws PgconvoyException of kind USAGE when that fails; an earlier file is then untouched
     */
    static void write(ObjectNode tree, Path file) {
        check(file);
        byte[] bytes = (text(tree) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (isReplaceable(file)) {
                replace(file, bytes);
            } else {
                // Redirected into a file, /dev/stdout may hold the table already.
                Files.write(file, bytes, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            }
        } catch (IOException failure) {
            throw PgconvoyException.usage(
                    "--summary-json " + file + " cannot be written: " + FileTrouble.reason(failure),
                    "Check the free space and the permissions there.");
        }
    }

    static String text(ObjectNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    /** Not so a device or a pipe, such as /dev/stdout: that is written to. */
    private static boolean isReplaceable(Path file) {
        return Files.notExists(file) || Files.isRegularFile(file);
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        // A symbolic link stays one, and what it points to is replaced.
        Path actual = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path temporary = actual.resolveSibling(actual.getFileName() + ".tmp");
        try {
            Files.write(temporary, bytes);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, actual, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
