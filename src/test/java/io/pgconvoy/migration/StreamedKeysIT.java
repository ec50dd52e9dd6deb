package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Foreign keys of two large tables that are streamed, both to the same table. */
class StreamedKeysIT {
    private static final String KEYS = """
            SELECT string_agg(format('%s %s %s %s %s', conrelid::regclass, conname, convalidated, condeferrable,
                                     obj_description(oid, 'pg_constraint')), ', ' ORDER BY conname)
              FROM pg_constraint WHERE contype = 'f'
            """;

    private static EmbeddedServer source;
    private static EmbeddedServer target;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServers() throws SQLException {
        source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
        target = EmbeddedServer.start("18");
        source.sql("postgres", "CREATE DATABASE sales");
        source.sql(
                "sales",
                "CREATE TABLE customer (id int PRIMARY KEY)",
                "INSERT INTO customer SELECT generate_series(1, 1000)");
        for (String name : new String[] {"bill", "\"tuple\""}) {
            // Rows of almost a page each, more than 32 MB of them.
            source.sql(
                    "sales",
                    "CREATE TABLE " + name + " (id int PRIMARY KEY, customer int, note text)",
                    "ALTER TABLE " + name + " ALTER note SET STORAGE PLAIN",
                    "INSERT INTO " + name
                            + " SELECT i, 1 + i % 1000, repeat('x', 7000) FROM generate_series(1, 4400) i");
        }
        source.sql(
                "sales",
                "ALTER TABLE bill ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer DEFERRABLE",
                "COMMENT ON CONSTRAINT of_customer ON bill IS 'who pays'",
                "ALTER TABLE bill ADD CONSTRAINT lax FOREIGN KEY (customer) REFERENCES customer NOT VALID",
                "ALTER TABLE \"tuple\" ADD CONSTRAINT \"a \"\"key\"\"\" FOREIGN KEY (customer) REFERENCES customer");
    }

    @AfterAll
    static void stopServers() {
        source.close();
        target.close();
    }

    @AfterEach
    void emptyTarget() throws SQLException {
        TestDatabases.drop(target, "sales");
    }

    private Move move() {
        return new Move(source, target, folder);
    }

    private Move.Moved run(String... options) {
        return move().run(Stream.concat(Stream.of("--transport=stream", "--restore-jobs=2"), Stream.of(options))
                .toArray(String[]::new));
    }

    @Test
    void areThereAndValid() throws SQLException {
        Move.Moved moved = run();

        assertThat(moved.exitCode()).as(moved.output()).isZero();
        assertThat(moved.output()).contains("sales: stream took");
        assertThat(target.value("sales", KEYS)).isEqualTo(source.value("sales", KEYS));
    }

    @Test
    void oneThatDoesNotHoldFailsTheDatabaseUnlessAllowed() throws SQLException {
        source.sql(
                "sales", "SET session_replication_role = replica", "UPDATE \"tuple\" SET customer = 5000 WHERE id = 7");
        try {
            Move.Moved refused = run();

            assertThat(refused.outcomes()).containsEntry("sales", "failed");
            assertThat(refused.output())
                    .contains("foreign key \"a \"\"key\"\"\" of table \"public\".\"tuple\"", "(customer)=(5000)");

            Move.Moved allowed = run("--allow-restore-errors");

            assertThat(allowed.outcomes()).as(allowed.output()).containsEntry("sales", "warnings");
            assertThat(allowed.output()).contains("(customer)=(5000)");
            assertThat(target.value("sales", "SELECT count(*) FROM pg_constraint WHERE convalidated AND contype = 'f'"))
                    .isEqualTo("1");
        } finally {
            source.sql(
                    "sales",
                    "SET session_replication_role = replica",
                    "UPDATE \"tuple\" SET customer = 8 WHERE id = 7");
        }
    }
}
