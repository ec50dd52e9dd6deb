package io.pgconvoy.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * JSON files that are there whole or not at all, also after a power failure: written beside, fsynced, renamed, the
 * folder fsynced. Safe for use by many threads on different files.
 */
public final class DurableJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .build();

    private DurableJson() {}

    /** The mapper of all files this program writes: durations and instants as ISO 8601. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /**
     * Writes a value, an object with at least one field, and its sum; on return it is on disk.
     *
     * @throws PgconvoyException of kind JOURNAL when the folder cannot be written or the disk is full; an earlier
     *     version of the file is then untouched
     */
    public static void write(Path file, Object value) {
        replace(file, stream -> stream.write(JsonSum.append(MAPPER.writeValueAsBytes(value))));
    }

    /**
     * As {@link #write}, compressed with gzip and never as a whole in memory: for what may have hundreds of thousands of
     * lines.
     */
    public static void writeCompressed(Path file, Object value) {
        replace(file, stream -> {
            GZIPOutputStream gzip = new GZIPOutputStream(new BufferedOutputStream(stream, 1 << 16), 1 << 16);
            MAPPER.writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .writeValue(gzip, value);
            gzip.finish();
            gzip.flush();
        });
    }

    /** Writes what is to be in the file. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream stream) throws IOException;
    }

    private static void replace(Path file, Content content) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                OutputStream stream = Channels.newOutputStream(channel);
                content.writeTo(stream);
                stream.flush();
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(file.toAbsolutePath().getParent());
        } catch (IOException failure) {
            throw unwritable(file, failure);
        }
    }

    /**
     * Reads a value.
     *
     * @return empty when there is no such file
     * @throws PgconvoyException of kind JOURNAL when the file is truncated, malformed, lacks a field, or does not fit its
     *     sum; one without a sum is of an earlier version
     */
    public static <T> Optional<T> read(Path file, Class<T> type) {
        return read(file, () -> {
            byte[] bytes = Files.readAllBytes(file);
            T value = MAPPER.readValue(bytes, type);
            if (!JsonSum.fits(bytes)) {
                throw DamagedFile.altered(file);
            }
            return value;
        });
    }

    /**
     * As {@link #read}, but whatever the sum: to find out whether a newer version wrote the file, which may have a reason to
     * sum it up in another way. Nothing else of it may be believed.
     */
    public static <T> Optional<T> peek(Path file, Class<T> type) {
        return read(file, () -> MAPPER.readValue(Files.readAllBytes(file), type));
    }

    /** As {@link #read}, of what {@link #writeCompressed} wrote; gzip has a sum of its own. */
    public static <T> Optional<T> readCompressed(Path file, Class<T> type) {
        return read(file, () -> {
            try (InputStream stream = new GZIPInputStream(Files.newInputStream(file), 1 << 16)) {
                T value = MAPPER.readerFor(type)
                        .without(JsonParser.Feature.AUTO_CLOSE_SOURCE)
                        .readValue(stream);
                // The sum is behind the value, and looked at only by who reads to the end.
                stream.transferTo(OutputStream.nullOutputStream());
                return value;
            }
        });
    }

    /** Reads what is in a file. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> Optional<T> read(Path file, Reading<T> reading) {
        try {
            T value = reading.read();
            if (value == null) {
                throw DamagedFile.unreadable(file, null);
            }
            return Optional.of(value);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (JsonProcessingException | ZipException | EOFException malformed) {
            throw DamagedFile.unreadable(file, malformed);
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "the journal's file " + file + " cannot be read: " + FileTrouble.reason(failure),
                    "Check --state-dir, and the permissions there.",
                    failure);
        }
    }

    /** Deletes a file durably; nothing happens when there is none. */
    public static void delete(Path file) {
        try {
            if (Files.deleteIfExists(file)) {
                syncFolder(file.toAbsolutePath().getParent());
            }
        } catch (IOException failure) {
            throw unwritable(file, failure);
        }
    }

    /** Creates a folder and those above it; only its owner may look into the last one. */
    public static void createPrivateFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
        } catch (IOException failure) {
            throw unwritable(folder, failure);
        }
    }

    /** Makes renames and deletions in a folder durable, and the names of new files. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static PgconvoyException unwritable(Path file, IOException failure) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "cannot write " + file + ": " + FileTrouble.reason(failure),
                "Check --state-dir: the permissions and the free space there.",
                failure);
    }

    /** A value's JSON text, for output elsewhere than in a file. */
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }
}
