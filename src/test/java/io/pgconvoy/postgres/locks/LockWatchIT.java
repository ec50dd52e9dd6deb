package io.pgconvoy.postgres.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockWatchIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    /** Which the server does not see: one of its three is idle. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void breaksACircle(String version) throws Exception {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(embedded)) {
            String database = databases.create();
            embedded.sql(database, "CREATE TABLE t AS SELECT 1 AS id");
            Server ours = server(embedded);
            try (Connection holder = ours.open(new DatabaseName(database));
                    LockWatch watch = LockWatch.start(ours, told::add)) {
                execute(holder, "BEGIN", "LOCK TABLE public.t IN ACCESS SHARE MODE");
                CompletableFuture<Void> alter = run(() -> embedded.sql(database, "ALTER TABLE t ADD extra int"));
                awaitWaiting(embedded, database, 1);
                assertThatThrownBy(() -> {
                            try (Connection reader = ours.open(new DatabaseName(database))) {
                                execute(reader, "SELECT FROM public.t");
                            }
                        })
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                failure -> assertThat(failure.getSQLState()).isEqualTo("57014"));

                assertThat(watch.brokeCircle(database)).isTrue();
                assertThat(watch.brokeCircle(database)).isFalse();
                execute(holder, "ROLLBACK");
                alter.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void tellsWhoIsWaitedFor(String version) throws Exception {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(embedded)) {
            String database = databases.create();
            embedded.sql(database, "CREATE TABLE \"it's \"\"mine\"\"\" ()");
            Server ours = server(embedded);
            try (Connection theirs = embedded.connect(database);
                    LockWatch watch = LockWatch.start(ours, told::add)) {
                execute(theirs, "BEGIN", "LOCK TABLE \"it's \"\"mine\"\"\"");
                String pid = embedded.value(database, "SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock'");
                CompletableFuture<Void> reading = run(() -> {
                    try (Connection reader = ours.open(new DatabaseName(database))) {
                        execute(reader, "SELECT FROM public.\"it's \"\"mine\"\"\"");
                    }
                });
                await().atMost(PATIENCE).until(() -> !told.isEmpty());

                assertThat(told)
                        .singleElement()
                        .asString()
                        .contains(
                                "database \"" + database + "\"",
                                "table \"public\".\"it's \"\"mine\"\"\"",
                                "session " + pid + " of user",
                                "idle in transaction",
                                "since 2");
                assertThat(watch.brokeCircle(database)).isFalse();
                execute(theirs, "ROLLBACK");
                reading.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void tellsWhoKeepsNewSessionsOutOfADatabase(String version) throws Exception {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(embedded)) {
            String database = databases.create();
            Server ours = server(embedded);
            try (Connection theirs = embedded.connect("postgres");
                    LockWatch watch = LockWatch.start(ours, told::add)) {
                execute(theirs, "BEGIN", "ALTER DATABASE " + database + " RENAME TO " + database + "_other");
                CompletableFuture<Void> connecting =
                        run(() -> ours.open(new DatabaseName(database)).close());
                await().atMost(PATIENCE).until(() -> !told.isEmpty());

                assertThat(told)
                        .singleElement()
                        .asString()
                        .contains(
                                "database \"" + database + "\": new sessions wait",
                                "by session",
                                "idle in transaction");
                execute(theirs, "ROLLBACK");
                connecting.get(60, TimeUnit.SECONDS);
            }
        }
    }

    /** What may fail with an SQLException. */
    private interface Action {
        void run() throws SQLException;
    }

    private static CompletableFuture<Void> run(Action action) {
        return CompletableFuture.runAsync(() -> {
            try {
                action.run();
            } catch (SQLException failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    private static void awaitWaiting(EmbeddedServer server, String database, int number) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.column(
                                database,
                                "SELECT pid FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database"
                                        + " WHERE datname = current_database())"))
                        .hasSize(number));
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : List.of(statements)) {
                statement.execute(sql);
            }
        }
    }

    private static Server server(EmbeddedServer server) {
        return Server.connect(server.endpoint(Side.SOURCE), "pgconvoy watched");
    }
}
