package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.objects.CollationVersions;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.database.CollationCheck;
import io.pgconvoy.preflight.database.CollationVersionCheck;
import io.pgconvoy.preflight.rehearsal.LocaleProbe;
import io.pgconvoy.preflight.server.LocaleCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Locales and collations of a source, and whether a target has the same. */
class CollationChecksIT {
    private static final EmbeddedServer SOURCE = EmbeddedServer.shared("14");
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");
    private static final TestDatabases DATABASES = TestDatabases.on(SOURCE);

    private static String plain;
    private static String odd;

    @BeforeAll
    static void fill() throws SQLException {
        plain = DATABASES.create("plain");
        odd = DATABASES.create("odd");
        SOURCE.sql(plain, """
                CREATE COLLATION same (LC_COLLATE = 'C', LC_CTYPE = 'C');
                CREATE TABLE t (a text COLLATE same UNIQUE, b text CHECK (b > 'a'), c text COLLATE pg_catalog."POSIX");
                CREATE TABLE p (a text) PARTITION BY RANGE (a);
                """);
        SOURCE.sql(odd, """
                CREATE COLLATION "not there" (LC_COLLATE = 'C', LC_CTYPE = 'C');
                CREATE TABLE "by libc" (t text COLLATE "not there") PARTITION BY RANGE (t);
                UPDATE pg_collation SET collcollate = 'xx_XX.UTF-8', collctype = 'xx_XX.UTF-8'
                 WHERE collname = 'not there';
                INSERT INTO pg_collation
                    SELECT (jsonb_populate_record(c, '{"oid": 13999, "collname": "xx_XX"}')).* FROM pg_collation AS c
                     WHERE collname = 'C';
                CREATE TABLE uses (t text COLLATE pg_catalog."xx_XX");
                CREATE COLLATION loose (PROVIDER = icu, LOCALE = 'de-u-ks-level2', DETERMINISTIC = false);
                CREATE TABLE ranged (t text COLLATE "de-x-icu") PARTITION BY RANGE (t);
                CREATE TABLE listed (t text COLLATE "de-x-icu") PARTITION BY LIST (t);
                CREATE TABLE hashed (t text COLLATE "de-x-icu") PARTITION BY HASH (t);
                CREATE TABLE "loosely hashed" (t text COLLATE loose) PARTITION BY HASH (t);
                CREATE TABLE loosely (t text COLLATE loose CONSTRAINT alike UNIQUE);
                CREATE TABLE exactly (t text COLLATE "de-x-icu" UNIQUE);
                CREATE TABLE compares (t text COLLATE "de-x-icu",
                    CONSTRAINT by_order CHECK (t >= 'a' AND t <> 'b'), CONSTRAINT by_bytes CHECK (t COLLATE "C" > 'a'),
                    CONSTRAINT equal CHECK (t = 'x'));
                """);
    }

    @AfterAll
    static void drop() throws SQLException {
        DATABASES.close();
    }

    @Test
    void asksTheTargetForLocalesAndLeavesNothingBehind() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET);
        List<String> before = TARGET.column("postgres", "SELECT datname FROM pg_database ORDER BY 1");

        assertThat(locales(run, database -> libc(database, "UTF8", "xx_XX.UTF-8")))
                .singleElement()
                .asString()
                .startsWith("BLOCKER locales: the target cannot make databases with encoding UTF8 and xx_XX.UTF-8 (")
                .contains("locale name", "database \"" + plain + "\". ", "localedef -i xx_XX ");
        assertThat(locales(run, database -> libc(database, "LATIN1", "C.UTF-8")))
                .singleElement()
                .asString()
                .startsWith("BLOCKER locales: ")
                .contains("does not match locale");
        assertThat(locales(run, database -> libc(database, "UTF8", "C.UTF-8"))).isEmpty();
        assertThat(locales(run, database -> libc(database, "LATIN1", "C"))).isEmpty();
        assertThat(TARGET.column("postgres", "SELECT datname FROM pg_database ORDER BY 1"))
                .isEqualTo(before);
    }

    private static List<String> locales(CheckRun run, UnaryOperator<DatabaseProperties> properties)
            throws SQLException {
        return run.withProperties(properties).texts(new LocaleCheck(new LocaleProbe()), plain);
    }

    private static DatabaseProperties libc(DatabaseProperties database, String encoding, String locale) {
        return new DatabaseProperties(
                database.name(),
                database.oid(),
                database.size(),
                database.owner(),
                encoding,
                locale,
                locale,
                database.localeProvider(),
                database.locale(),
                database.icuRules(),
                database.tablespace(),
                database.connectionLimit(),
                database.isTemplate(),
                database.allowsConnections(),
                database.acl(),
                database.comment());
    }

    @Test
    void namesCollationsThatTheTargetLacks() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET);

        assertThat(run.texts(new CollationCheck(new LocaleProbe()), plain, odd))
                .hasSize(2)
                .allMatch(text -> text.startsWith("BLOCKER collations: "))
                .anyMatch(text -> text.contains("collations of xx_XX.UTF-8 (")
                        && text.contains("database \"" + odd + "\": collation public.\"not there\". "))
                .anyMatch(text -> text.contains("no collation pg_catalog.xx_XX")
                        && text.contains("column t of table public.uses"));
        assertThat(run.texts(new CollationCheck(new LocaleProbe()), plain)).isEmpty();
    }

    @Test
    void namesOnlyWhatDependsOnTheOrderOfTexts() throws SQLException {
        CheckRun run = CheckRun.between(SOURCE, TARGET);

        assertThat(run.texts(
                        new CollationVersionCheck(versions("2.31", "153.80"), versions("2.31", "153.136")), plain, odd))
                .singleElement()
                .asString()
                .startsWith(
                        "WARNING collation-versions: ICU may sort texts differently on the target (version 153.136, on"
                                + " the source 153.80)")
                .contains("database \"" + odd
                        + "\": constraint by_order on public.compares, partitioned table public.\"loosely"
                        + " hashed\", partitioned table public.ranged, unique index public.alike. ");
        assertThat(run.texts(
                        new CollationVersionCheck(versions(null, "153.80"), versions("2.36", "153.80")), plain, odd))
                .singleElement()
                .asString()
                .startsWith(
                        "NOTE collation-versions: libc may sort texts differently on the target (the versions are not")
                .contains("database \"" + odd + "\": partitioned table public.\"by libc\". ");
        assertThat(run.texts(new CollationVersionCheck(versions("2.31", "153.80"), versions("2.31", "153.80")), odd))
                .as("the same versions")
                .isEmpty();
    }

    @Test
    void saysThatTextsMaySortInAnotherOrder() throws SQLException {
        CheckRun run =
                CheckRun.between(SOURCE, TARGET).withProperties(database -> libc(database, "UTF8", "de_DE.UTF-8"));
        String ordinary = DATABASES.create("ordinary");
        SOURCE.sql(ordinary, "CREATE TABLE t (a text PRIMARY KEY CHECK (a <> 'x'))");

        assertThat(run.texts(
                        new CollationVersionCheck(versions("2.31", "153.80"), versions("2.36", "153.80")), ordinary))
                .singleElement()
                .asString()
                .startsWith(
                        "NOTE collation-versions: libc's rules for sorting texts have version 2.36 on the target, 2.31 on")
                .contains("database \"" + ordinary + "\". ");
        assertThat(run.texts(
                        new CollationVersionCheck(versions("2.36", "153.80"), versions("2.36", "153.80")), ordinary))
                .isEmpty();
    }

    private static CollationVersions versions(String libc, String icu) {
        return new CollationVersions(Optional.ofNullable(libc), Optional.of(icu));
    }

    @Test
    void asksServersForTheirVersions() throws SQLException {
        try (Session session = SOURCE.session("postgres")) {
            assertThat(CollationVersions.of(session, ServerVersion.V14).icu())
                    .isEqualTo(Optional.ofNullable(SOURCE.value(
                            "postgres", "SELECT collversion FROM pg_collation WHERE collname = 'und-x-icu'")));
            assertThat(CollationVersions.of(session, ServerVersion.V9_6))
                    .isEqualTo(new CollationVersions(Optional.empty(), Optional.empty()));
        }
    }

    @Test
    void saysWhereTheSourcesOwnIndexesMayBeCorrupt() throws SQLException {
        String changed = DATABASES.create("changed");
        SOURCE.sql(changed, """
                CREATE TABLE t (a text COLLATE "fr-x-icu" UNIQUE);
                UPDATE pg_collation SET collversion = '1.2.3' WHERE collname IN ('fr-x-icu', 'en-x-icu');
                """);

        assertThat(CheckRun.between(SOURCE, TARGET)
                        .texts(new CollationVersionCheck(versions("2", "1"), versions("2", "1")), plain, changed))
                .singleElement()
                .asString()
                .startsWith("WARNING collation-versions: the source's rules for sorting texts have changed")
                .contains("database \"" + changed + "\": collation pg_catalog.\"fr-x-icu\" of version 1.2.3, now ");
    }
}
