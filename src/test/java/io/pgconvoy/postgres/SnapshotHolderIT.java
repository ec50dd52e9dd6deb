package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot with locks on tables, against what others do to these tables. */
class SnapshotHolderIT {
    private static final String HUGE = Sql.qualified("public", "huge");

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void keepsLockedTablesAsTheyAre(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = filled(server, databases);
            CompletableFuture<Void> drop;
            try (SnapshotHolder holder = open(server, database, List.of(HUGE), new Cancellation())) {
                server.sql(database, "INSERT INTO huge VALUES (4)");
                drop = CompletableFuture.runAsync(() -> execute(server, database, "DROP TABLE huge"));
                await().until(() -> waiting(server, database) == 1);

                assertThat(count(holder)).isEqualTo(3);
                assertThat(drop).isNotDone();
            }
            drop.get(60, TimeUnit.SECONDS);
            assertThat(server.value(database, "SELECT to_regclass('huge')")).isNull();
        }
    }

    /** Had the snapshot been taken before the lock, the table would be empty: TRUNCATE is not MVCC-safe. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void seesATableAsItIsWhenItsLockIsGranted(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Cancelled cancelled = new Cancelled()) {
            String database = filled(server, databases);
            CompletableFuture<SnapshotHolder> opening;
            try (Connection other = server.connect(database);
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("TRUNCATE huge");
                opening = CompletableFuture.supplyAsync(
                        () -> open(server, database, List.of(HUGE), cancelled.cancellation()));
                await().until(() -> waiting(server, database) == 1);
                statement.execute("INSERT INTO huge SELECT generate_series(1, 50)");
                other.commit();
            }
            try (SnapshotHolder holder = opening.get(60, TimeUnit.SECONDS)) {
                assertThat(count(holder)).isEqualTo(50);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void namesTablesThatAreGone(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = filled(server, databases);
            List<String> tables =
                    List.of(HUGE, Sql.qualified("public", "it's \"gone\""), Sql.qualified("no schema", "t\\1"));

            assertThatThrownBy(() -> open(server, database, tables, new Cancellation()))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure)
                                .hasMessageContainingAll(database, tables.get(1), tables.get(2))
                                .hasMessageNotContaining("huge");
                        assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE);
                        assertThat(failure.hint()).contains("Run the same command again");
                    });
            assertThat(sessions(server, database)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void waitsForALockOnlyUntilCancelled(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        Cancellation cancellation = new Cancellation();
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = filled(server, databases);
            try (Connection other = server.connect(database);
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("LOCK TABLE huge");
                CompletableFuture<SnapshotHolder> opening =
                        CompletableFuture.supplyAsync(() -> open(server, database, List.of(HUGE), cancellation));
                await().until(() -> waiting(server, database) == 1);

                cancellation.cancel();

                assertThatThrownBy(() -> opening.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                PgconvoyException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INTERRUPTED));
                await().until(() -> waiting(server, database) == 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"14"})
    void locksMoreTablesThanOneStatementTakes(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.create();
            server.sql(
                    database,
                    "DO $$ BEGIN FOR i IN 1..1201 LOOP EXECUTE format('CREATE TABLE t%s ()', i); END LOOP; END $$");
            List<String> tables = new ArrayList<>();
            for (int i = 1; i <= 1201; i++) {
                tables.add(Sql.qualified("public", "t" + i));
            }
            try (SnapshotHolder holder = open(server, database, tables, new Cancellation())) {
                assertThat(server.value(
                                database,
                                "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                                        + " WHERE mode = 'AccessShareLock' AND relname ~ '^t[0-9]+$' AND granted"))
                        .isEqualTo("1201");
                assertThat(holder.snapshot()).isNotEmpty();
            }
        }
    }

    /** Cancels at the end, so that a failing test leaves no thread that waits. */
    private record Cancelled(Cancellation cancellation) implements AutoCloseable {
        Cancelled() {
            this(new Cancellation());
        }

        @Override
        public void close() {
            cancellation.cancel();
        }
    }

    private static String filled(EmbeddedServer server, TestDatabases databases) throws SQLException {
        String database = databases.create();
        server.sql(database, "CREATE TABLE huge (id int)", "INSERT INTO huge VALUES (1), (2), (3)");
        return database;
    }

    private static SnapshotHolder open(
            EmbeddedServer server, String database, List<String> tables, Cancellation cancellation) {
        Endpoint endpoint = new Endpoint(
                Side.SOURCE,
                server.host(),
                server.port(),
                server.user(),
                Optional.empty(),
                new DatabaseName("postgres"),
                Map.of());
        return SnapshotHolder.open(
                Server.connect(endpoint, "pgconvoy test"), new DatabaseName(database), tables, cancellation);
    }

    private static void execute(EmbeddedServer server, String database, String sql) {
        try {
            server.sql(database, sql);
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static long count(SnapshotHolder holder) throws SQLException {
        try (var statement = holder.connection().createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM public.huge")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static int waiting(EmbeddedServer server, String database) throws SQLException {
        return Integer.parseInt(server.value(
                "postgres",
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE NOT granted AND datname = '"
                        + database + "'"));
    }

    private static int sessions(EmbeddedServer server, String database) throws SQLException {
        return Integer.parseInt(server.value(
                "postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = '" + database + "'"));
    }
}
