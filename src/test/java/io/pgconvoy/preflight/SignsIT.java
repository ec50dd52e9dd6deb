package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignsIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void keepMostChecksFromAskingAnOrdinaryDatabase(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String plain = databases.create("ordinary");
            source.sql(plain, """
                    CREATE TABLE a (id serial PRIMARY KEY, t text DEFAULT lower('A') CHECK (t <> 'b'));
                    CREATE TABLE b (id integer REFERENCES a, v numeric);
                    CREATE INDEX ON b (v);
                    CREATE VIEW v AS SELECT * FROM a JOIN b USING (id);
                    GRANT SELECT ON a, v TO public;
                    GRANT SELECT (v) ON b TO public;
                    """);

            assertThat(CheckRun.between(source, TARGET).signed(plain))
                    // Other tests make some, and all databases share the catalog.
                    .filteredOn(check -> !check.equals("subscriptions"))
                    .isEqualTo(
                            version.equals("9.5")
                                    ? List.of("extension-additions", "collation-versions", "system-objects")
                                    : List.of("extension-additions", "collation-versions"));

            source.sql(plain, "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
            assertThat(CheckRun.between(source, TARGET).signed(plain))
                    .contains("function-texts", "search-path", "libraries");
        }
    }
}
