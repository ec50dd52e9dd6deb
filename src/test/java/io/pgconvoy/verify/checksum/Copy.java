package io.pgconvoy.verify.checksum;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.PostgresTools;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A copy of a database on another server, made by pg_dump and pg_restore. */
final class Copy {
    private Copy() {}

    /** Copies a database, without owners and privileges, and returns the copy's name. */
    static String of(EmbeddedServer source, String database, EmbeddedServer target, TestDatabases databases)
            throws Exception {
        String copy = databases.alsoDrop(
                "copy_" + source.version().replace('.', '_') + "_" + Integer.toHexString(database.hashCode()));
        TestDatabases.drop(target, copy);
        String encoding = source.value(database, "SELECT getdatabaseencoding()");
        target.sql(
                "postgres",
                String.format(
                        Locale.ROOT,
                        "CREATE DATABASE %s TEMPLATE template0 ENCODING '%s' LC_COLLATE 'C' LC_CTYPE 'C'",
                        copy,
                        encoding));
        Path archive = Files.createTempFile("pgconvoy-copy", ".dump");
        try {
            PostgresTools.dump(
                    source, database, "--format=custom", "--compress=0", "--encoding=" + encoding, "--file=" + archive);
            PostgresTools.restore(target, copy, archive, "--no-owner", "--no-privileges");
        } finally {
            Files.delete(archive);
        }
        return copy;
    }
}
