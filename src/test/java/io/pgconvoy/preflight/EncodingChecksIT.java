package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are no UTF-8, in what all databases share and in databases that take any bytes. */
class EncodingChecksIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesSharedTextsOfAnotherEncodingAndLeavesThemOut(String version) throws SQLException {
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
                        "ALTER ROLE shared_text SET app.secret = 'cl\u00e9'",
                        "ALTER ROLE shared_text SET app.plain = 'key'");

                assertThat(CheckRun.between(source, TARGET).run(new SharedEncodingCheck()))
                        .singleElement()
                        .satisfies(finding -> assertThat(finding.places())
                                .extracting(place -> place.object().orElseThrow())
                                .containsExactlyInAnyOrder(
                                        "role \"shared r\\xf4le\": shared r\\xf4le",
                                        "comment on role \"shared_text\": caf\\xe9",
                                        "comment on database \"" + latin + "\": \\xe9",
                                        "setting app.secret of role \"shared_text\""));
                for (String database : List.of("postgres", latin, bytes)) {
                    try (Connection connection = source.connect(database)) {
                        RoleCatalog.Roles roles = RoleCatalog.roles(connection);
                        assertThat(roles.find("shared_text").orElseThrow().comment())
                                .as(database)
                                .isEmpty();
                        assertThat(roles.find("shared_other").orElseThrow().comment())
                                .as("as it is, whatever database it is read in: " + database)
                                .contains("na\u00efve");
                        assertThat(roles.names()).noneMatch(name -> name.startsWith("shared r"));
                        assertThat(SettingCatalog.list(connection))
                                .filteredOn(setting -> setting.role().equals(Optional.of("shared_text")))
                                .singleElement()
                                .satisfies(
                                        setting -> assertThat(setting.value()).isEqualTo("key"));
                    }
                }
            } finally {
                source.sql(latin, "DROP ROLE IF EXISTS shared_text, shared_other, \"shared r\u00f4le\"");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void namesTablesThatNobodyCouldAskFor(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = create(source, databases, "SQL_ASCII");
            source.sql(name, "CREATE TABLE \"na\u00efve\" (\"\u00fc\" int)");
            assertThat(CheckRun.between(source, TARGET).run(new NameEncodingCheck(), name))
                    .isEmpty();
            source.sql(
                    name,
                    "DO $$ BEGIN EXECUTE 'CREATE TABLE caf' || convert_from('\\xe9'::bytea, 'SQL_ASCII') || ' (a int)'; END $$");

            assertThat(CheckRun.between(source, TARGET).run(new NameEncodingCheck(), name))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Finding.Severity.BLOCKER);
                        assertThat(finding.places())
                                .extracting(place -> place.object().orElseThrow())
                                .containsExactly("table \"caf\\xe9\"");
                    });
        }
    }

    private static String create(EmbeddedServer source, TestDatabases databases, String encoding) throws SQLException {
        String name = databases.alsoDrop("encoded_" + encoding.toLowerCase(Locale.ROOT));
        source.sql(
                "postgres",
                "CREATE DATABASE " + name + " ENCODING '" + encoding
                        + "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        return name;
    }
}
