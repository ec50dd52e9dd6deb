package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.locks.LockWatch;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server that does not answer is told from, while somebody is at work on it. */
@Timeout(120)
class ServerSilenceIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("14");
    private static final String USER = "silence_test";

    /** Longer than a server has here. */
    private static final long LONG_MILLIS = 9_000;

    private TestProxy proxy = TestProxy.before(SERVER.port());
    private final List<String> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws SQLException {
        proxy.close();
        SERVER.sql("postgres", "DROP ROLE IF EXISTS " + USER);
    }

    @Test
    void oneThatIsSilentHasItsSessionsBrokenOffOnce() throws Exception {
        Server server = server(SERVER.user());
        try (LockWatch watch = LockWatch.start(server, told::add);
                Connection work = server.undisturbed().open()) {
            CompletableFuture<Void> sleeping = sleep(work, 100);
            awaitWatched();
            proxy.silence();

            assertThatThrownBy(() -> sleeping.get(60, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            assertThat(server.isSilent()).isTrue();
            assertThat(told)
                    .containsExactly(server.label()
                            + " has not answered for 3 s, nor anybody who connects: its sessions are broken off");
            assertThatThrownBy(server::greet).hasMessageContaining("cannot connect");
            proxy.speak();
            await().untilAsserted(() -> assertThat(server.isSilent()).isFalse());
        }
    }

    @Test
    void oneThatRefusesConnectionsAndEndsWhoAsksIsNotSilent() throws Exception {
        SERVER.sql("postgres", "CREATE ROLE " + USER + " SUPERUSER LOGIN CONNECTION LIMIT 5");
        Server server = server(USER);
        try (LockWatch watch = LockWatch.start(server, told::add);
                Connection work = server.open()) {
            CompletableFuture<Void> sleeping = sleep(work, LONG_MILLIS / 1000);
            awaitWatched();
            SERVER.sql(
                    "postgres",
                    "ALTER ROLE " + USER + " NOLOGIN",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + USER
                            + "' AND query !~ 'pg_sleep'");

            sleeping.get(60, TimeUnit.SECONDS);
            assertThat(told).isEmpty();
        }
    }

    @Test
    void oneThatHasForgottenTheSessionThatAsksIsNotSilent() throws Exception {
        Server server = server(SERVER.user());
        try (LockWatch watch = LockWatch.start(server, told::add)) {
            awaitWatched();
            proxy.forget();
            try (Connection work = server.open()) {
                sleep(work, LONG_MILLIS / 1000).get(60, TimeUnit.SECONDS);
                assertThat(told).isEmpty();
            }
        }
    }

    /** Nobody gets in then, and what we ask waits: pg_stat_activity reads the catalog of roles. */
    @Test
    void oneWhoseCatalogIsLockedIsNotSilent() throws Exception {
        try (EmbeddedServer embedded = EmbeddedServer.start("14");
                Connection theirs = embedded.connect("postgres");
                Statement statement = theirs.createStatement()) {
            proxy.close();
            proxy = TestProxy.before(embedded.port());
            Server server = server(embedded.user());
            try (LockWatch watch = LockWatch.start(server, told::add);
                    Connection work = server.open()) {
                awaitWatched(embedded);
                statement.execute("BEGIN; LOCK TABLE pg_catalog.pg_authid");
                sleep(work, LONG_MILLIS / 1000).get(60, TimeUnit.SECONDS);

                assertThat(told).filteredOn(line -> line.contains("answered")).isEmpty();
                statement.execute("ROLLBACK");
            }
        }
    }

    @Test
    void oneThatIsSlowIsNotSilent() throws Exception {
        Server server = server(SERVER.user());
        try (LockWatch watch = LockWatch.start(server, told::add);
                Connection work = server.open()) {
            CompletableFuture<Void> sleeping = sleep(work, LONG_MILLIS / 1000);
            awaitWatched();
            for (int times = 0; times < 3; times++) {
                proxy.silence();
                TimeUnit.MILLISECONDS.sleep(1_500);
                proxy.speak();
                TimeUnit.MILLISECONDS.sleep(1_500);
            }
            sleeping.get(60, TimeUnit.SECONDS);
            assertThat(told).isEmpty();
        }
    }

    private static void awaitWatched() {
        awaitWatched(SERVER);
    }

    private static void awaitWatched(EmbeddedServer embedded) {
        await().until(() -> Integer.parseInt(embedded.value(
                        "postgres",
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'silence test' AND state = 'idle'"
                                + " AND query ~ 'pg_(stat_activity|locks)'"))
                > 0);
    }

    private static CompletableFuture<Void> sleep(Connection connection, long seconds) {
        return CompletableFuture.runAsync(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_sleep(" + seconds + ")");
            } catch (SQLException failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    private Server server(String user) {
        return Server.connect(
                new Endpoint(
                        Side.SOURCE,
                        "127.0.0.1",
                        proxy.port(),
                        user,
                        Optional.empty(),
                        new DatabaseName("postgres"),
                        Map.of("keepalives_idle", "1", "keepalives_interval", "1", "keepalives_count", "2")),
                "silence test");
    }
}
