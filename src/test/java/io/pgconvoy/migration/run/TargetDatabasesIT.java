package io.pgconvoy.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.globals.DatabaseAdmin;
import io.pgconvoy.globals.DatabaseSetup;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.ServerIdentity;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody else makes, renames and drops databases on the target at the same time. */
class TargetDatabasesIT {
    private static final String OURS = "pgconvoy_0123456789abcdef_";

    private final EmbeddedServer server = EmbeddedServer.shared("18");

    @TempDir
    private Path folder;

    @AfterEach
    void nothingIsLeft() throws SQLException {
        assertThat(server.column("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'pgconvoy%'"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void aNameThatPassesOnWhileADropWaitsIsNotDropped(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(old)) {
            String name = databases.create("odd \"n/a'me\n%");
            String other = databases.create();
            old.sql(other, "CREATE TABLE precious AS SELECT 1 AS i");
            long oid = oid(old, name);
            long precious = oid(old, other);
            String moved = databases.alsoDrop(name + "_moved");
            CompletableFuture<Void> drop;
            try (Connection somebody = old.connect("postgres");
                    Statement statement = somebody.createStatement()) {
                somebody.setAutoCommit(false);
                statement.execute(rename(name, moved));
                drop = CompletableFuture.runAsync(() -> {
                    try (DatabaseAdmin admin = admin(old)) {
                        admin.drop(oid, new DatabaseName(name));
                    }
                });
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> old.value("postgres", "SELECT count(*) FROM pg_locks WHERE NOT granted")
                                        .equals("1")
                                || drop.isDone());
                statement.execute(rename(other, name));
                somebody.commit();
            }

            assertThatThrownBy(drop::join).hasMessageContaining("another one meanwhile, which is left alone");
            assertThat(old.value(name, "SELECT i FROM precious")).isEqualTo("1");
            assertThat(oid(old, name)).isEqualTo(precious);
            assertThat(oid(old, moved)).isEqualTo(oid);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void whatIsMeantByItsOidIsNeitherClosedNorRenamedByItsName(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(old);
                DatabaseAdmin admin = admin(old)) {
            String name = databases.create();
            long oid = oid(old, name);
            String moved = databases.alsoDrop(name + "_moved");
            old.sql("postgres", rename(name, moved), "CREATE DATABASE " + Quote.identifier(name));

            assertThatThrownBy(() -> admin.letIn(oid, new DatabaseName(name), false))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("left alone");
            assertThatThrownBy(() -> admin.rename(oid, new DatabaseName(name), new DatabaseName(name + "_x")))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("left alone");
            admin.drop(oid, new DatabaseName(name));

            assertThat(old.column(
                            "postgres",
                            "SELECT datname || ' ' || datallowconn FROM pg_database WHERE datname IN ("
                                    + Quote.literal(name) + ", " + Quote.literal(moved) + ") ORDER BY datname"))
                    .as("the one that was renamed is in use under its new name")
                    .containsExactly(name + " true", moved + " true");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void dropsWhatItMayThoughClientsComeBack(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        AtomicBoolean over = new AtomicBoolean();
        try (TestDatabases databases = TestDatabases.on(old);
                DatabaseAdmin admin = admin(old)) {
            String name = databases.create();
            old.sql("postgres", "ALTER DATABASE " + Quote.identifier(name) + " IS_TEMPLATE true");
            CompletableFuture<Void> client = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    try (Connection connection = old.connect(name);
                            Statement statement = connection.createStatement()) {
                        statement.execute("SELECT pg_sleep(1)");
                    } catch (SQLException ended) {
                        // It comes back.
                    }
                }
            });
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !old.column(
                                    "postgres",
                                    "SELECT pid FROM pg_stat_activity WHERE datname = " + Quote.literal(name))
                            .isEmpty());

            admin.drop(oid(old, name), new DatabaseName(name));

            over.set(true);
            client.join();
            assertThat(old.column("postgres", "SELECT 1 FROM pg_database WHERE datname = " + Quote.literal(name)))
                    .isEmpty();
        }
    }

    @Test
    void onlyWhatWasThereWhenTheRunBeganIsReplaced() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server);
                Journal journal = journal()) {
            String before = databases.create();
            String later = databases.create();
            server.sql(before, "CREATE TABLE was_there (i integer)");
            server.sql(later, "CREATE TABLE precious (i integer)");
            TargetDatabases target = new TargetDatabases(
                    target(server),
                    new DatabaseSetup(target(server), target(server), TablespaceChoice.parse(List.of(), false)),
                    "0123456789abcdef",
                    Set.of(oid(server, before)),
                    oid -> {});
            long seen = oid(server, before);

            target.provide(properties(before), journal.database(new DatabaseName(before)), true);
            assertThatThrownBy(() -> target.provide(properties(later), journal.database(new DatabaseName(later)), true))
                    .isInstanceOfSatisfying(
                            PgconvoyException.class,
                            refused -> assertThat(refused.hint()).contains("made after this run began"))
                    .hasMessageContaining("is there already, and this migration did not create it");

            assertThat(oid(server, before)).isNotEqualTo(seen);
            assertThat(server.column(before, "SELECT relname FROM pg_class WHERE relname = 'was_there'"))
                    .isEmpty();
            assertThat(server.value(later, "SELECT count(*) FROM precious")).isEqualTo("0");

            // Its name goes to somebody else's database after it is made.
            DatabaseName name = new DatabaseName(before);
            assertThat(journal.database(name).read(Step.CREATED).orElseThrow().oid())
                    .isEqualTo(oid(server, before));
            target.requireOurs(name, journal.database(name));
            server.sql(
                    "postgres",
                    rename(before, databases.alsoDrop(before + "_moved")),
                    "CREATE DATABASE " + Quote.identifier(before));
            assertThatThrownBy(() -> target.requireOurs(name, journal.database(name)))
                    .isInstanceOf(PgconvoyException.class);
            assertThatThrownBy(() -> target.close(name, journal.database(name)))
                    .isInstanceOf(PgconvoyException.class)
                    .hasMessageContaining("left alone");
            assertThat(server.value(
                            "postgres",
                            "SELECT datallowconn FROM pg_database WHERE datname = " + Quote.literal(before)))
                    .isEqualTo("t");
        }
    }

    private Journal journal() {
        return Journal.open(
                new JournalFolder(folder.resolve("journal")),
                new ServerIdentity("a", 1, "1"),
                new ServerIdentity("b", 2, "2"),
                folder.resolve("dumps"),
                VerifyLevel.COUNT);
    }

    private DatabaseProperties properties(String name) {
        return DatabaseCatalog.list(target(server)).stream()
                .filter(database -> database.name().value().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static DatabaseAdmin admin(EmbeddedServer server) {
        return DatabaseAdmin.open(target(server), OURS);
    }

    private static Server target(EmbeddedServer server) {
        return Server.connect(server.endpoint(Side.TARGET), "pgconvoy test");
    }

    private static String rename(String from, String to) {
        return "ALTER DATABASE " + Quote.identifier(from) + " RENAME TO " + Quote.identifier(to);
    }

    private static long oid(EmbeddedServer server, String name) throws SQLException {
        return Long.parseLong(
                server.value("postgres", "SELECT oid FROM pg_database WHERE datname = " + Quote.literal(name)));
    }
}
