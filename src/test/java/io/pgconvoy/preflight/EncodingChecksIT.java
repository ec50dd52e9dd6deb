package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.database.MissingRoleCheck;
import io.pgconvoy.preflight.database.NameEncodingCheck;
import io.pgconvoy.preflight.database.RoleEncodingCheck;
import io.pgconvoy.preflight.server.SharedEncodingCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.RawStatement;
import io.pgconvoy.testing.TestDatabases;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are no UTF-8, in what all databases share and in databases that take any bytes. */
class EncodingChecksIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesSharedTextsOfAnotherEncodingAndReadsThemAlikeInEveryDatabase(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String latin = create(source, databases, "LATIN1");
            String bytes = create(source, databases, "SQL_ASCII");
            source.sql("postgres", "CREATE ROLE shared_text", "CREATE ROLE shared_other");
            try {
                source.sql("postgres", "COMMENT ON ROLE shared_other IS 'na\u00efve'");
                source.sql(
                        latin,
                        "COMMENT ON ROLE shared_text IS 'caf\u00e9'",
                        "CREATE ROLE \"shared r\u00f4le\"",
                        "COMMENT ON DATABASE \"" + latin + "\" IS '\u00e9'",
                        "ALTER ROLE shared_text SET app.secret = 'cl\u00e9'");

                assertThat(CheckRun.between(source, TARGET).run(new SharedEncodingCheck()))
                        .singleElement()
                        .satisfies(finding -> {
                            assertThat(finding.severity()).isEqualTo(Severity.NOTE);
                            assertThat(objects(finding))
                                    .containsExactlyInAnyOrder(
                                            "role \"shared r\\xf4le\"",
                                            "comment on role \"shared_text\": caf\\xe9",
                                            "comment on database \"" + latin + "\": \\xe9",
                                            "setting app.secret of role \"shared_text\"");
                        });
                for (String database : List.of("postgres", latin, bytes)) {
                    try (Session session = source.session(database)) {
                        RoleCatalog.Roles roles = RoleCatalog.roles(session);
                        assertThat(roles.find("shared_text").orElseThrow().comment())
                                .as(database)
                                .map(RawText::printed)
                                .contains("caf\\xe9");
                        assertThat(roles.find("shared_other").orElseThrow().comment())
                                .as("as it is, whatever database it is read in: " + database)
                                .contains("na\u00efve");
                        assertThat(roles.names()).map(RawText::printed).contains("shared r\\xf4le");
                        assertThat(SettingCatalog.list(session))
                                .filteredOn(setting -> setting.role().equals(Optional.of("shared_text")))
                                .map(setting -> RawText.printed(setting.value()))
                                .containsExactly("cl\\xe9");
                    }
                }
            } finally {
                source.sql(latin, "DROP ROLE IF EXISTS shared_text, shared_other, \"shared r\u00f4le\"");
            }
        }
    }

    @Test
    void refusesDatabasesWhoseNamesNobodyCouldAskFor() throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start("14")) {
            source.sql("postgres", RawStatement.createDatabase("latin", "LATIN1"));
            source.sql("latin", "CREATE DATABASE \"d\u00e9p\u00f4t\"");
            String name = RawText.decode("d\u00e9p\u00f4t".getBytes(StandardCharsets.ISO_8859_1));

            assertThat(CheckRun.between(source, TARGET).run(new SharedEncodingCheck()))
                    .as("left out")
                    .isEmpty();
            assertThat(CheckRun.between(source, TARGET).run(new SharedEncodingCheck(), name))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Severity.BLOCKER);
                        assertThat(objects(finding)).containsExactly("database \"d\\xe9p\\xf4t\"");
                    });
        }
    }

    @Test
    void namesTablesThatNobodyCouldAskForWithoutALanguage() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = create(source, databases, "SQL_ASCII");
            source.sql(
                    name,
                    "CREATE TABLE \"na\u00efve\" (\"\u00fc\" int)",
                    RawStatement.of("CREATE TABLE caf\u00e9 (\u00fc int)"));
            assertThat(CheckRun.between(source, TARGET).run(new NameEncodingCheck(), name))
                    .isEmpty();
            source.sql(name, "DROP EXTENSION plpgsql");

            assertThat(CheckRun.between(source, TARGET).run(new NameEncodingCheck(), name))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Severity.BLOCKER);
                        assertThat(objects(finding)).containsExactly("column \"\\xfc\"", "table \"caf\\xe9\"");
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesRolesThatADatabasesDumpCannotName(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String latin = create(source, databases, "LATIN1");
            String unicode = create(source, databases, "UTF8");
            String japanese = create(source, databases, "EUC_JP");
            String bytes = create(source, databases, "SQL_ASCII");
            source.sql("postgres", "CREATE ROLE \"named r\u00f4le\"");
            source.sql(latin, "CREATE ROLE \"named r\u00f4le\"");
            String grant =
                    "DO $$ DECLARE one oid; BEGIN FOR one IN SELECT oid FROM pg_roles WHERE rolname LIKE 'named r%'"
                            + " LOOP EXECUTE 'CREATE TABLE t' || one || ' (a int)';"
                            + " EXECUTE 'GRANT SELECT ON t' || one || ' TO ' || quote_ident(pg_get_userbyid(one)); END LOOP; END $$";
            try {
                for (String database : List.of(latin, unicode, japanese, bytes)) {
                    source.sql(database, grant);
                }
                CheckRun run = CheckRun.between(source, TARGET);

                assertThat(run.run(new RoleEncodingCheck(), latin)).isEmpty();
                assertThat(run.run(new RoleEncodingCheck(), bytes)).isEmpty();
                for (String database : List.of(unicode, japanese)) {
                    assertThat(run.run(new RoleEncodingCheck(), database))
                            .as(database)
                            .singleElement()
                            .satisfies(finding -> {
                                assertThat(finding.severity()).isEqualTo(Severity.BLOCKER);
                                assertThat(objects(finding)).contains("role \"named r\\xf4le\"");
                            });
                }
                assertThat(run.run(new MissingRoleCheck(), latin))
                        .as("roles that a database of another encoding writes in other words")
                        .isEmpty();
            } finally {
                databases.close();
                source.sql("postgres", "DROP ROLE \"named r\u00f4le\"");
                try (TestDatabases again = TestDatabases.on(source)) {
                    source.sql(create(source, again, "LATIN1"), "DROP ROLE \"named r\u00f4le\"");
                }
            }
        }
    }

    private static List<String> objects(Finding finding) {
        return finding.places().stream()
                .map(place -> RawText.printed(place.object().orElseThrow()))
                .toList();
    }

    private static String create(EmbeddedServer source, TestDatabases databases, String encoding) throws SQLException {
        String name = databases.alsoDrop("encoded_" + encoding.toLowerCase(Locale.ROOT));
        source.sql("postgres", RawStatement.createDatabase(name, encoding));
        return name;
    }
}
