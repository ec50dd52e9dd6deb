package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.testing.TestProxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in force in a session, whatever administrators, triggers and poolers want. */
@Timeout(60)
class ServerSessionsIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void everySettingIsInForceInSingleAndPooledSessions(String version) throws SQLException {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(embedded)) {
            String name = databases.create();
            embedded.sql(
                    "postgres",
                    "ALTER DATABASE \"" + name + "\" SET IntervalStyle = 'sql_standard'",
                    "ALTER DATABASE \"" + name + "\" SET DateStyle = 'ISO, DMY'",
                    "ALTER DATABASE \"" + name + "\" SET TimeZone = 'Asia/Kolkata'",
                    "ALTER DATABASE \"" + name + "\" SET extra_float_digits = -3");
            DatabaseName database = new DatabaseName(name);
            Server server = Server.connect(endpoint(embedded, embedded.port(), Map.of()), "pgconvoy test");
            try (Connection connection = server.open(database)) {
                assertInForce(connection, server.version());
            }
            try (ServerPools pools = new ServerPools(server);
                    SessionPool pool = pools.sessions(database, 1);
                    Session session = pool.session("test")) {
                SessionSettings.of(server.version())
                        .forEach((setting, value) -> assertThat(session.text("SHOW " + setting)
                                        .orElseThrow()
                                        .replace(", ", ","))
                                .as(setting)
                                .isEqualTo(value.replace("\\", "")));
            }
        }
    }

    @Test
    void noSessionIsLeftOpenThatIsClosedAfterItsPool() {
        EmbeddedServer embedded = EmbeddedServer.shared("18");
        Server server = Server.connect(endpoint(embedded, embedded.port(), Map.of()), "pgconvoy late");
        SessionPool pool = new SessionPool(server, new DatabaseName("postgres"), 2);
        Session late = pool.session("test");
        pool.session("test").close();
        pool.close();
        late.close();
        late.close();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> embedded.column(
                                "postgres", "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgconvoy late'")
                        .isEmpty());
    }

    @Test
    void aSessionIsUsedAgainWhileItIsKeptAndThere() throws SQLException {
        EmbeddedServer embedded = EmbeddedServer.shared("18");
        Server server = Server.connect(endpoint(embedded, embedded.port(), Map.of()), "pgconvoy kept");
        DatabaseName database = new DatabaseName("postgres");
        long alone = process(server, database);
        try (Server.Keeping keeping = server.keep(database)) {
            long first = process(server, database);
            assertThat(process(server, database)).isEqualTo(first).isNotEqualTo(alone);

            // One that was closed is nobody's any more, whatever is done with it.
            Session twice = server.shared(database, "test");
            twice.close();
            twice.close();
            try (Session here = server.shared(database, "test");
                    Session there = server.shared(database, "test")) {
                assertThat(process(here)).isEqualTo(first).isNotEqualTo(process(there));
                // In the middle of a transaction it is of no use to others.
                here.execute("BEGIN");
            }
            long second = process(server, database);
            assertThat(second).isNotEqualTo(first);

            embedded.sql("postgres", "SELECT pg_terminate_backend(" + second + ", 10000)");
            assertThat(process(server, database)).isNotEqualTo(second);
        }
        assertThat(process(server, database)).isNotEqualTo(process(server, database));
    }

    @Test
    void noMoreSessionsAreKeptThanSomebodyWants() throws SQLException {
        EmbeddedServer embedded = EmbeddedServer.shared("18");
        Server server = Server.connect(endpoint(embedded, embedded.port(), Map.of()), "pgconvoy many");
        DatabaseName database = new DatabaseName("postgres");
        String count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgconvoy many'";
        try (Server.Keeping keeping = server.keep(database)) {
            SessionPool pool = new SessionPool(server, database, 3);
            List<Session> sessions =
                    Stream.generate(() -> pool.session("test")).limit(3).toList();
            sessions.subList(0, 2).forEach(Session::close);
            assertThat(embedded.column("postgres", count)).containsExactly("3");
            pool.close();
            sessions.get(2).close();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(embedded.column("postgres", count)).containsExactly("1"));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(embedded.column("postgres", count)).containsExactly("0"));
    }

    private static long process(Server server, DatabaseName database) {
        try (Session session = server.shared(database, "test")) {
            return process(session);
        }
    }

    private static long process(Session session) {
        return session.number("SELECT pg_backend_pid()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void aPoolerThatDropsThemIsRefused(String version) {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        try (TestProxy pooler = TestProxy.droppingOptions(embedded.port())) {
            Server server = Server.connect(endpoint(embedded, pooler.port(), Map.of()), "pgconvoy test");
            assertThatThrownBy(server::open).isInstanceOfSatisfying(PgconvoyException.class, refused -> {
                assertThat(refused.kind()).isEqualTo(ErrorKind.TARGET);
                assertThat(refused).hasMessageContaining("127.0.0.1:" + pooler.port() + " drops the settings");
                assertThat(refused.hint()).contains("PgBouncer");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void bothEndsAskWhetherTheConnectionIsStillThere(String version) throws SQLException {
        EmbeddedServer embedded = EmbeddedServer.shared(version);
        Server usual = Server.connect(endpoint(embedded, embedded.port(), Map.of()), "pgconvoy test");
        assertThat(keepalives(usual)).isEqualTo("30/10/6");
        Map<String, String> own = Map.of("keepalives_idle", "7", "keepalives_interval", "3", "keepalives_count", "2");
        Server other = Server.connect(endpoint(embedded, embedded.port(), own), "pgconvoy test");
        assertThat(keepalives(other)).isEqualTo("7/3/2");
        assertThat(ConnectionParameters.conninfo(other.endpoint(), new DatabaseName("x")))
                .contains("keepalives_idle='7'", "keepalives_interval='3'", "keepalives_count='2'");
        assertThat(other.toolEnvironment(Map.of()).get("PGOPTIONS")).contains("-c tcp_keepalives_idle=7 ");
    }

    private static String keepalives(Server server) throws SQLException {
        try (Connection connection = server.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT concat_ws('/', current_setting('tcp_keepalives_idle'),"
                        + " current_setting('tcp_keepalives_interval'), current_setting('tcp_keepalives_count'))")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void assertInForce(Connection connection, ServerVersion version) throws SQLException {
        for (Map.Entry<String, String> setting : SessionSettings.of(version).entrySet()) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW " + setting.getKey())) {
                row.next();
                assertThat(row.getString(1).replace(", ", ","))
                        .as(setting.getKey())
                        .isEqualTo(setting.getValue().replace("\\", ""));
            }
        }
    }

    private static Endpoint endpoint(EmbeddedServer server, int port, Map<String, String> parameters) {
        return new Endpoint(
                Side.TARGET,
                server.host(),
                port,
                server.user(),
                Optional.of(server.password()).filter(text -> !text.isEmpty()).map(Secret::new),
                new DatabaseName("postgres"),
                parameters);
    }
}
