package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.postgres.Session;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.inventory.InventoryReader;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Databases that keep the implicit casts to text that PostgreSQL had before 8.3: there {@code 'x' || 1} is ambiguous, in our
 * queries, too, where pg_dump passes.
 */
class ImplicitCastsIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14"})
    void readsDatabasesInWhichTextsAreMadeOfEverything(String version) throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(source)) {
            String name = databases.create("casts");
            source.sql(name, """
                    CREATE CAST (smallint AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (integer AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (oid AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (regclass AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (regtype AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (numeric AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (double precision AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (timestamp AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (timestamptz AS text) WITH INOUT AS IMPLICIT;
                    CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT;
                    CREATE CAST (text AS boolean) WITH INOUT AS IMPLICIT;
                    CREATE TABLE t (a serial PRIMARY KEY, b text CHECK (b <> ''));
                    CREATE INDEX ON t (lower(b));
                    """);

            for (DatabaseCheck check : DatabaseChecks.all()) {
                assertThat(CheckRun.between(source, TARGET).run(check, name))
                        .as(check.name())
                        .isEmpty();
            }
            try (Session session = source.session(name)) {
                Inventory inventory = session.rolledBack(InventoryReader::read);
                assertThat(inventory.of("table")).containsKey("public.t");
            }
        }
    }
}
