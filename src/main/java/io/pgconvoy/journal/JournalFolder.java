package io.pgconvoy.journal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.pgconvoy.config.DurableFiles;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.PgconvoyException;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * A journal in a folder, which only its owner may look into: a JSON file for each entry, a large one compressed. The lease
 * is a lock of the operating system's.
 */
public record JournalFolder(Path folder) implements JournalStore {
    private static final String PERMISSIONS_AND_SPACE = "Check --state-dir: the permissions and the free space there.";

    /** Folders whose lease this process has: closing any channel on a lock's file would give that lock back. */
    private static final Set<Path> LEASED = ConcurrentHashMap.newKeySet();

    @Override
    public <T> Optional<T> read(JournalEntry<T> entry) {
        return read(entry, false);
    }

    @Override
    public <T> Optional<T> peek(JournalEntry<T> entry) {
        return read(entry, true);
    }

    private <T> Optional<T> read(JournalEntry<T> entry, boolean whateverItIs) {
        Path file = file(entry);
        try {
            // A compressed file has gzip's sum, which was looked at when it was read.
            Optional<byte[]> summed = entry.large() ? Optional.empty() : Optional.of(Files.readAllBytes(file));
            T value = summed.isPresent()
                    ? Json.mapper().readValue(summed.get(), entry.type())
                    : readCompressed(file, entry.type());
            if (value == null) {
                throw unreadable(entry, null);
            }
            if (!whateverItIs && entry.isNewer().test(value)) {
                throw failure(file, " was written by a newer version of pgconvoy", entry.ifNewer(), null);
            }
            if (!whateverItIs && !summed.map(JsonSum::fits).orElse(true)) {
                throw failure(file, " is damaged: its contents do not fit its sum", entry.ifDamaged(), null);
            }
            return Optional.of(value);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (JsonProcessingException | ZipException | EOFException malformed) {
            throw unreadable(entry, malformed);
        } catch (IOException failure) {
            throw failure(
                    file,
                    " cannot be read: " + FileTrouble.reason(failure),
                    "Check --state-dir, and the permissions there.",
                    failure);
        }
    }

    /** Reads to the end, where gzip's sum is. */
    private static <T> T readCompressed(Path file, Class<T> type) throws IOException {
        try (InputStream stream = new GZIPInputStream(Files.newInputStream(file), 1 << 16)) {
            T value = Json.mapper()
                    .readerFor(type)
                    .without(JsonParser.Feature.AUTO_CLOSE_SOURCE)
                    .readValue(stream);
            // The sum is behind the value.
            stream.transferTo(OutputStream.nullOutputStream());
            return value;
        }
    }

    @Override
    public <T> void write(JournalEntry<T> entry, T value) {
        Path file = file(entry);
        createFolder(file.getParent());
        try {
            DurableFiles.replace(file, stream -> {
                if (entry.large()) {
                    writeCompressed(stream, value);
                } else {
                    stream.write(JsonSum.append(Json.mapper().writeValueAsBytes(value)));
                }
            });
        } catch (IOException failure) {
            throw unwritable(file, failure);
        }
    }

    /** Never as a whole in memory. */
    private static void writeCompressed(OutputStream stream, Object value) throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(new BufferedOutputStream(stream, 1 << 16), 1 << 16);
        Json.mapper()
                .writer()
                .without(SerializationFeature.INDENT_OUTPUT)
                .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .writeValue(gzip, value);
        gzip.finish();
        gzip.flush();
    }

    @Override
    public void delete(JournalEntry<?> entry) {
        Path file = file(entry);
        try {
            if (Files.deleteIfExists(file)) {
                DurableFiles.syncFolder(file.toAbsolutePath().getParent());
            }
        } catch (IOException failure) {
            throw unwritable(file, failure);
        }
    }

    @Override
    public boolean has(JournalEntry<?> entry) {
        return Files.exists(file(entry));
    }

    @Override
    public List<String> names(String above) {
        Path within = folder.resolve(above);
        if (!Files.isDirectory(within)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(within)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException | UncheckedIOException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot read " + within + ": "
                            + FileTrouble.reason(
                                    failure instanceof UncheckedIOException late
                                            ? late.getCause()
                                            : (IOException) failure),
                    "Check --state-dir.",
                    failure);
        }
    }

    @Override
    public boolean exists() {
        return Files.isDirectory(folder);
    }

    @Override
    public Lease lease() {
        createFolder(folder);
        return lock(true, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void check() {
        if (Files.exists(lockFile())) {
            lock(false, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
        }
        DurableFiles.obstacle(folder).ifPresent(failure -> {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot write to " + folder + ": " + FileTrouble.reason(failure),
                    PERMISSIONS_AND_SPACE,
                    failure);
        });
    }

    private Lease lock(boolean sign, OpenOption... options) {
        try {
            Path real = folder.toRealPath();
            if (!LEASED.add(real)) {
                throw held(" (process " + ProcessHandle.current().pid() + ")");
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(lockFile(), options);
                if (channel.tryLock() == null) {
                    throw held(holder());
                }
                if (sign) {
                    channel.truncate(0);
                    channel.write(ByteBuffer.wrap(
                            String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
                }
            } catch (IOException | RuntimeException failure) {
                release(real, channel);
                throw failure;
            }
            FileChannel locked = channel;
            return () -> release(real, locked);
        } catch (IOException failure) {
            throw new PgconvoyException(
                    ErrorKind.JOURNAL,
                    "cannot lock " + lockFile() + ": " + FileTrouble.reason(failure),
                    PERMISSIONS_AND_SPACE,
                    failure);
        }
    }

    private static void release(Path real, FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // The lock goes with the process at the latest.
        } finally {
            LEASED.remove(real);
        }
    }

    private PgconvoyException held(String holder) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "another pgconvoy" + holder + " is at work on the migration in " + folder,
                "Wait for it to end, or stop it.");
    }

    private String holder() {
        try {
            return " (process " + Files.readString(lockFile()).strip() + ")";
        } catch (IOException unreadable) {
            // The number only helps.
            return "";
        }
    }

    private Path lockFile() {
        return folder.resolve("lock");
    }

    @Override
    public String label() {
        return folder.toString();
    }

    @Override
    public String label(JournalEntry<?> entry) {
        return file(entry).toString();
    }

    @Override
    public String stateDir() {
        return folder.toAbsolutePath().resolve("..").normalize().toString();
    }

    private Path file(JournalEntry<?> entry) {
        return folder.resolve(entry.name() + (entry.large() ? ".json.gz" : ".json"));
    }

    private static void createFolder(Path folder) {
        try {
            DurableFiles.createPrivateFolder(folder);
        } catch (IOException failure) {
            throw unwritable(folder, failure);
        }
    }

    private PgconvoyException unreadable(JournalEntry<?> entry, Exception cause) {
        return failure(file(entry), " is damaged or from another version of pgconvoy", entry.ifDamaged(), cause);
    }

    private static PgconvoyException failure(Path file, String what, String hint, Exception cause) {
        return new PgconvoyException(ErrorKind.JOURNAL, "the journal's file " + file + what, hint, cause);
    }

    private static PgconvoyException unwritable(Path file, IOException failure) {
        return new PgconvoyException(
                ErrorKind.JOURNAL,
                "cannot write " + file + ": " + FileTrouble.reason(failure),
                PERMISSIONS_AND_SPACE,
                failure);
    }
}
