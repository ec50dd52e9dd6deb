package io.pgconvoy.postgres.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.PassingFailure;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
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
            try (SnapshotHolder holder = open(server, database, new Cancellation())) {
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
                opening = CompletableFuture.supplyAsync(() -> open(server, database, cancelled.cancellation()));
                await().until(() -> waiting(server, database) == 1);
                statement.execute("INSERT INTO huge SELECT generate_series(1, 50)");
                other.commit();
            }
            try (SnapshotHolder holder = opening.get(60, TimeUnit.SECONDS)) {
                assertThat(count(holder)).isEqualTo(50);
            }
        }
    }

    /** As a table that was made and rewritten after the list of tables was. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void doesWithoutATableThatIsDroppedMeanwhile(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Cancelled cancelled = new Cancelled()) {
            String database = filled(server, databases);
            server.sql(database, "CREATE TABLE gone (id int)");
            CompletableFuture<SnapshotHolder> opening;
            try (Connection other = server.connect(database);
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("DROP TABLE gone");
                statement.execute("CREATE TABLE made AS SELECT 1 AS id");
                opening = CompletableFuture.supplyAsync(() -> open(server, database, cancelled.cancellation()));
                await().until(() -> waiting(server, database) == 1);
                other.commit();
            }
            try (SnapshotHolder holder = opening.get(60, TimeUnit.SECONDS)) {
                assertThat(count(holder)).isEqualTo(3);
                assertThat(server.value(
                                database,
                                "SELECT count(*) FROM pg_locks WHERE relation = 'made'::regclass AND granted"))
                        .as("the table that came in its place is locked, too")
                        .isEqualTo("1");
            }
        }
    }

    /** Who waits for the holder must not be waited for, and what is read meanwhile is let go again. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void readsWhereSomebodyElseWaits(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = filled(server, databases);
            server.sql(database, "CREATE INDEX by_id ON huge (id)", "CREATE TABLE other (id int)");
            CompletableFuture<Void> truncate;
            try (SnapshotHolder holder = open(server, database, new Cancellation())) {
                truncate = CompletableFuture.runAsync(() -> execute(server, database, "TRUNCATE huge"));
                await().until(() -> waiting(server, database) == 1);

                long read =
                        holder.readBriefly("reading", session -> session.number("SELECT count(*) FROM public.huge"));
                assertThat(read).isEqualTo(3);
                assertThat(count(holder)).isEqualTo(3);
                assertThat(holder.narrowed(List.of(HUGE))).isSameAs(holder);
                try (SnapshotHolder narrow = holder.narrowed(List.of(Sql.qualified("public", "other")))) {
                    truncate.get(60, TimeUnit.SECONDS);
                    assertThat(count(narrow))
                            .as("it is no longer locked, and the rewriting shows")
                            .isZero();
                }
            }
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
                        CompletableFuture.supplyAsync(() -> open(server, database, cancellation));
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

    /** pg_dump has its snapshot from its start, and would go on for hours for nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void endsWhatIsOfNoUseOnceItIsLost(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server);
                Cancelled cancelled = new Cancelled()) {
            String database = filled(server, databases);
            Cancellation cancellation = cancelled.cancellation();
            try (SnapshotHolder holder = open(server, database, cancellation)) {
                server.sql(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");

                assertThatThrownBy(() -> holder.whileHeld("its dump", () -> {
                            cancellation.await(() -> Thread.sleep(60_000));
                            return true;
                        }))
                        .isInstanceOfSatisfying(
                                PgconvoyException.class,
                                failure ->
                                        assertThat(PassingFailure.of(failure)).isPresent())
                        .hasMessageContaining("its dump is ended, since the session that holds its snapshot was lost");
                assertThat(cancellation.isCancelled()).isFalse();
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
            try (SnapshotHolder holder = open(server, database, new Cancellation())) {
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

    private static SnapshotHolder open(EmbeddedServer server, String database, Cancellation cancellation) {
        return SnapshotHolder.openLocked(
                Server.connect(server.endpoint(Side.SOURCE), "pgconvoy test", cancellation),
                new DatabaseName(database));
    }

    private static void execute(EmbeddedServer server, String database, String sql) {
        try {
            server.sql(database, sql);
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static long count(SnapshotHolder holder) {
        return holder.within("counting", session -> session.number("SELECT count(*) FROM public.huge"));
    }

    private static int waiting(EmbeddedServer server, String database) throws SQLException {
        return Integer.parseInt(server.value(
                "postgres",
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE NOT granted AND datname = '"
                        + database + "'"));
    }
}
