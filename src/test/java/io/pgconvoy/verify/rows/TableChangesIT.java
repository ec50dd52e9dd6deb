package io.pgconvoy.verify.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableChangesIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void seesEveryChangeAndNothingElse(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.create();
            server.sql(
                    database,
                    "CREATE TABLE kept AS SELECT generate_series(1, 100) AS id",
                    "CREATE TABLE grown AS TABLE kept",
                    "CREATE TABLE changed AS TABLE kept",
                    "CREATE TABLE shrunk AS TABLE kept",
                    "CREATE TABLE swapped AS TABLE kept",
                    "CREATE TABLE pending (id int)");
            String moment;
            try (Connection writer = server.connect(database);
                    Statement pending = writer.createStatement();
                    Session observer = server.session(database)) {
                writer.setAutoCommit(false);
                pending.execute("INSERT INTO pending VALUES (1)");
                // A transaction that ends while the other one goes on, so that the moment is no simple number.
                server.sql(database, "CREATE TABLE other ()");
                moment = TableChanges.now(observer);
                assertThat(TableChanges.since(observer, moment, tables())).isEmpty();
                writer.commit();
            }
            server.sql(
                    database,
                    "INSERT INTO grown VALUES (101)",
                    "UPDATE changed SET id = id WHERE id = 7",
                    "DELETE FROM shrunk WHERE id = 7",
                    "DELETE FROM swapped WHERE id = 7",
                    "INSERT INTO swapped VALUES (7)",
                    "VACUUM FREEZE");
            try (Session observer = server.session(database)) {
                assertThat(TableChanges.since(observer, moment, tables()))
                        .containsExactly(
                                "table public.grown has 1 new or changed rows",
                                "table public.changed has 1 new or changed rows",
                                "table public.shrunk had 100 rows and has 99",
                                "table public.swapped has 1 new or changed rows",
                                "table public.pending has 1 new or changed rows");
            }
        }
    }

    /** Hash partitions over an enum are counted as a whole, since a restore distributes their rows anew. */
    @ParameterizedTest
    @ValueSource(strings = {"14", "18"})
    void countsAPartitionedTableAsAWhole(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.create();
            server.sql(
                    database,
                    "CREATE TYPE mood AS ENUM ('good', 'bad')",
                    "CREATE TABLE moods (m mood) PARTITION BY HASH (m)",
                    "CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                    "CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                    "INSERT INTO moods VALUES ('good'), ('bad'), ('good')");
            try (Session observer = server.session(database)) {
                String moment = TableChanges.now(observer);
                assertThat(TableChanges.since(observer, moment, List.of(table("moods", 3))))
                        .isEmpty();
                server.sql(database, "DELETE FROM moods WHERE m = 'bad'");
                assertThat(TableChanges.since(observer, moment, List.of(table("moods", 3))))
                        .containsExactly("table public.moods had 3 rows and has 2");
            }
        }
    }

    private static List<TableRows> tables() {
        return List.of(
                table("kept", 100),
                table("grown", 100),
                table("changed", 100),
                table("shrunk", 100),
                table("swapped", 100),
                table("pending", 0));
    }

    private static TableRows table(String name, long rows) {
        return new TableRows("public", name, Optional.empty(), Optional.of(rows));
    }
}
