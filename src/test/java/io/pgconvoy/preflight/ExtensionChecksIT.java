package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.preflight.database.ExtensionChecks;
import io.pgconvoy.preflight.database.Extensions;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Extensions of a source, and what a target offers. */
class ExtensionChecksIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");
    private static final TestDatabases DATABASES = TestDatabases.on(SOURCE);
    private static final TestDatabases TARGET_DATABASES = TestDatabases.on(TARGET);

    private static String plain;
    private static String odd;
    /** A database of the target where further extensions are on offer. */
    private static String shop;

    @BeforeAll
    static void fill() throws SQLException, IOException {
        plain = DATABASES.create("plain");
        odd = DATABASES.create("odd");
        shop = TARGET_DATABASES.create("shop");
        SOURCE.sql(plain, "CREATE EXTENSION hstore; CREATE EXTENSION pgcrypto");
        SOURCE.sql(odd, """
                CREATE EXTENSION adminpack;
                CREATE EXTENSION hstore;
                CREATE EXTENSION pageinspect;
                UPDATE pg_extension SET extversion = '99.1' WHERE extname = 'hstore';
                INSERT INTO pg_extension
                    SELECT 70000 + row_number() OVER (), name, 10, 'public'::regnamespace, true, '1.0', NULL, NULL
                      FROM unnest(ARRAY['house_made', 'rds_tools', 'pg_cron', 'pf_pinned', 'pf_needy']) AS e (name);
                """);
        offer("pg_cron", "");
        offer("pf_pinned", "relocatable = false\nschema = 'elsewhere'\n");
        offer("pf_needy", "requires = 'hstore, plpgsql, pf_absent'\n");
        TARGET.sql(
                "postgres",
                "ALTER DATABASE " + shop + " SET extension_control_path = '$system:" + shelf().getParent() + "'");
    }

    @AfterAll
    static void drop() throws SQLException {
        DATABASES.close();
        TARGET_DATABASES.close();
    }

    private static Path shelf() {
        return TARGET.folder().resolve("offered").resolve("extension");
    }

    private static void offer(String extension, String properties) throws IOException {
        Files.createDirectories(shelf());
        for (Path folder : new Path[] {shelf().getParent(), shelf()}) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(shelf().resolve(extension + ".control"), "default_version = '1.0'\n" + properties);
        Files.writeString(shelf().resolve(extension + "--1.0.sql"), "");
    }

    @Test
    void namesWhatTheTargetCannotCreate() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET).withTargetDatabase(shop);

        assertThat(run.texts(ExtensionChecks.creatable(new Extensions()), plain, odd))
                .hasSize(5)
                .allMatch(text -> text.startsWith("BLOCKER extensions: ") && text.contains("database \"" + odd + "\""))
                .anyMatch(text -> text.contains("no extension adminpack") && text.contains("gone since PostgreSQL 17"))
                .anyMatch(text -> text.contains("no extension house_made") && text.contains("Install the package"))
                .anyMatch(text -> text.contains("no extension rds_tools") && text.contains("managed service"))
                .anyMatch(text ->
                        text.contains("pf_pinned 1.0 must be in schema elsewhere on the target, but is in public"))
                .anyMatch(text -> text.contains("pf_needy 1.0 needs pf_absent on the target"));
        assertThat(run.withAllowedRestoreErrors().texts(ExtensionChecks.creatable(new Extensions()), odd))
                .hasSize(5)
                .allMatch(text -> text.startsWith("WARNING"));
        assertThat(run.texts(ExtensionChecks.creatable(new Extensions()), plain))
                .isEmpty();
    }

    @Test
    void namesWhatIsOlderOnTheTarget() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET);

        assertThat(run.texts(ExtensionChecks.versions(new Extensions()), plain, odd))
                .singleElement()
                .asString()
                .startsWith("WARNING extension-versions: the target creates extension hstore in version 1.")
                .contains("older than the source's 99.1: database \"" + odd);
        assertThat(run.texts(ExtensionChecks.versions(new Extensions()), plain)).isEmpty();
    }

    @Test
    void namesWhatHasToBePreloaded() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET).withTargetDatabase(shop);

        assertThat(run.texts(ExtensionChecks.libraries(new Extensions()), plain, odd))
                .singleElement()
                .asString()
                .startsWith("BLOCKER extension-libraries: extension pg_cron cannot be created")
                .contains("database \"" + odd + "\". Add pg_cron to shared_preload_libraries");
        assertThat(run.texts(ExtensionChecks.libraries(new Extensions()), plain))
                .isEmpty();
    }

    @Test
    void namesWhatOnlySuperusersCreate() throws SQLException {
        TARGET.sql("postgres", "CREATE ROLE pf_maker LOGIN CREATEDB");
        try {
            CheckRun run = CheckRun.between(SOURCE, TARGET).withTargetUser("pf_maker");

            assertThat(run.texts(ExtensionChecks.privileges(new Extensions()), plain, odd))
                    .as("hstore and pgcrypto are trusted")
                    .singleElement()
                    .asString()
                    .startsWith("WARNING extension-privileges: ")
                    .contains("database \"" + odd + "\": extension pageinspect. ");
            assertThat(CheckRun.between(SOURCE, TARGET).texts(ExtensionChecks.privileges(new Extensions()), odd))
                    .isEmpty();
        } finally {
            TARGET.sql("postgres", "DROP ROLE pf_maker");
        }
    }

    @Test
    void comparesVersionsNumberByNumber() {
        assertThat(ExtensionChecks.isOlder("1.9", "1.10")).isTrue();
        assertThat(ExtensionChecks.isOlder("1.10", "1.9")).isFalse();
        assertThat(ExtensionChecks.isOlder("2", "2.0")).isFalse();
        assertThat(ExtensionChecks.isOlder("2", "2.0.1")).isTrue();
        assertThat(ExtensionChecks.isOlder("3.0dev", "3.1")).as("not known").isFalse();
    }
}
