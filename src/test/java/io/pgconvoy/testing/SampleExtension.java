package io.pgconvoy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * An extension with configuration tables, of which contrib has none: pgconvoy_sample. Only a server that the build
 * unpacked gets it, never one that is installed on the machine.
 */
public final class SampleExtension {
    public static final String NAME = "pgconvoy_sample";

    private static final String CONTROL = """
            comment = 'has configuration tables'
            default_version = '1.0'
            relocatable = false
            schema = 'sample'
            """;

    private static final String SCRIPT = """
            CREATE TABLE setting (name text PRIMARY KEY, value text, builtin boolean NOT NULL DEFAULT false);
            INSERT INTO setting VALUES ('built in', 'of the extension', true);
            CREATE TABLE whole (id serial PRIMARY KEY, v text);
            CREATE TABLE not_dumped (a integer);
            INSERT INTO not_dumped VALUES (1);
            SELECT pg_catalog.pg_extension_config_dump('setting', 'WHERE NOT builtin');
            SELECT pg_catalog.pg_extension_config_dump('whole', '');
            SELECT pg_catalog.pg_extension_config_dump('whole_id_seq', '');
            """;

    private SampleExtension() {}

    /** Makes the extension available on servers of this major version. */
    public static void install(String version) {
        Path folder = PostgresBinaries.find(version)
                .orElseThrow()
                .bin()
                .resolveSibling("share")
                .resolve("postgresql")
                .resolve("extension");
        write(folder.resolve(NAME + "--1.0.sql"), SCRIPT);
        write(folder.resolve(NAME + ".control"), CONTROL);
    }

    private static void write(Path file, String text) {
        try {
            // Other tests' servers share the folder.
            Path fresh = Files.createTempFile(file.getParent(), "pgconvoy", ".tmp");
            Files.writeString(fresh, text);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot install an extension", e);
        }
    }
}
