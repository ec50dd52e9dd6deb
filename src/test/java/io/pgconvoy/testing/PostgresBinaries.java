package io.pgconvoy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of one PostgreSQL version: initdb, pg_ctl and postgres.
 *
 * @param version the major version, as in {@code 9.6} or {@code 14}
 * @param bin the folder that holds the programs
 */
public record PostgresBinaries(String version, Path bin) {
    private static final Path JARS = Path.of("target", "postgres");
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Set<PosixFilePermission> READABLE_BY_ALL = PosixFilePermissions.fromString("rwxr-xr-x");

    /** The version's programs: from the jar that the build copied, else installed by Debian's packages. */
    public static Optional<PostgresBinaries> find(String version) {
        Path jar = jarOf(version);
        if (Files.isRegularFile(jar)) {
            return Optional.of(
                    new PostgresBinaries(version, unpacked(version, jar).resolve("bin")));
        }
        Path installed = DEBIAN.resolve(version).resolve("bin");
        return Files.isExecutable(installed.resolve("initdb"))
                ? Optional.of(new PostgresBinaries(version, installed))
                : Optional.empty();
    }

    /** Whether {@link #find} would find this version; unpacks nothing. */
    public static boolean available(String version) {
        return Files.isRegularFile(jarOf(version))
                || Files.isExecutable(DEBIAN.resolve(version).resolve("bin").resolve("initdb"));
    }

    Path program(String name) {
        return bin.resolve(name);
    }

    private static Path jarOf(String version) {
        return JARS.resolve("postgres-" + version + ".jar");
    }

    private static Path unpacked(String version, Path jar) {
        try {
            Path cache = cacheFolder();
            Path home = cache.resolve(version + "-" + checksum(jar));
            if (!Files.isDirectory(home)) {
                unpack(jar, cache, home);
            }
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + jar, e);
        }
    }

    /** Where unpacked servers stay from one run to the next. Root's own folders are closed to the server's user. */
    private static Path cacheFolder() throws IOException {
        Path cache = ServerUser.runningAsRoot()
                ? Path.of(System.getProperty("java.io.tmpdir"), "pgconvoy-servers")
                : Path.of(System.getProperty("user.home"), ".cache", "pgconvoy-servers");
        try {
            Files.createDirectories(cache);
            Files.setPosixFilePermissions(cache, READABLE_BY_ALL);
        } catch (IOException e) {
            cache = Path.of(
                    System.getProperty("java.io.tmpdir"), "pgconvoy-servers-" + System.getProperty("user.name"));
            Files.createDirectories(cache);
            Files.setPosixFilePermissions(cache, READABLE_BY_ALL);
        }
        // The temporary folder is everybody's: programs that somebody else left there must not be run.
        String owner = Files.getOwner(cache, LinkOption.NOFOLLOW_LINKS).getName();
        if (!owner.equals(System.getProperty("user.name"))) {
            throw new IOException(cache + " belongs to " + owner + "; delete it, or set java.io.tmpdir");
        }
        return cache;
    }

    private static void unpack(Path jar, Path cache, Path home) throws IOException {
        Path fresh = Files.createTempDirectory(cache, "unpacking-");
        Files.setPosixFilePermissions(fresh, READABLE_BY_ALL);
        try (JarFile file = new JarFile(jar.toFile());
                InputStream compressed = new BufferedInputStream(file.getInputStream(archiveFor(file)));
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(compressed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpackEntry(tar, entry, fresh);
            }
        }
        try {
            Files.move(fresh, home);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            // Another test run was faster, with the same content.
            Folders.delete(fresh);
        }
    }

    private static void unpackEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path home) throws IOException {
        Path path = home.resolve(entry.getName()).normalize();
        if (!path.startsWith(home)) {
            throw new IOException("the archive leaves its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(path, home.resolve(entry.getLinkName()));
        } else {
            Files.copy(tar, path);
            Files.setPosixFilePermissions(path, permissions(entry.getMode()));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.OTHERS_READ);
        if ((mode & 0100) != 0) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
            permissions.add(PosixFilePermission.GROUP_EXECUTE);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        return permissions;
    }

    /** The one archive of a jar; of several for different systems the one for this. */
    private static ZipEntry archiveFor(JarFile file) throws IOException {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        return file.stream()
                .filter(entry -> entry.getName().endsWith(".txz"))
                .filter(entry -> entry.getName().toLowerCase(Locale.ROOT).contains(system))
                .findFirst()
                .orElseThrow(() -> new IOException("no server for " + system + " in " + file.getName()));
    }

    private static String checksum(Path jar) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(jar)), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
