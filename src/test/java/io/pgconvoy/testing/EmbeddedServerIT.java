package io.pgconvoy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedServerIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14", "18"})
    void startsEveryVersionWithItsDefaults(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);

        assertThat(server.value("postgres", "SHOW server_version")).startsWith(version);
        assertThat(server.column("postgres", "SELECT name FROM pg_settings WHERE source = 'command line'"))
                .doesNotContain("fsync", "synchronous_commit", "full_page_writes", "autovacuum");
        assertThat(server.value("postgres", "SHOW fsync")).isEqualTo("on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "14"})
    void loadsTheWholeFleet(String version) throws Exception {
        EmbeddedServer server = SampleFleet.shared(version);

        assertThat(server.column("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate"))
                .contains("postgres")
                .containsAll(SampleFleet.databases());
        assertThat(server.column("postgres", "SELECT rolname FROM pg_roles")).containsAll(SampleFleet.roles());
        assertThat(server.value("shop", "SELECT count(*) FROM orders")).isEqualTo("2000");
        assertThat(server.value("documents", "SELECT count(*) FROM pg_largeobject_metadata"))
                .isEqualTo("8");
    }

    @Test
    void survivesACrashAndRestartsOnItsPort() throws Exception {
        try (EmbeddedServer server = EmbeddedServer.start("18")) {
            int port = server.port();
            server.sql("postgres", "CREATE TABLE t AS SELECT 1 AS one");

            server.crash();
            assertThat(server.isRunning()).isFalse();
            server.restart();

            assertThat(server.port()).isEqualTo(port);
            assertThat(server.value("postgres", "SELECT one FROM t")).isEqualTo("1");
            assertThat(server.log()).contains("database system was not properly shut down");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void asksForThePassword(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.start(
                ServerOptions.of(version).withPassword("it's \"secret\"").withSetting("max_connections", "17"));
        try (server) {
            assertThat(server.value("postgres", "SHOW max_connections")).isEqualTo("17");
            assertThatThrownBy(() -> server.connect("postgres", "postgres", "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
        assertThat(server.folder()).doesNotExist();
    }

    @Test
    void dropsATestsDatabasesWithWhoeverIsConnected() throws Exception {
        EmbeddedServer server = EmbeddedServer.shared("14");
        String name;
        try (TestDatabases databases = TestDatabases.on(server)) {
            name = databases.create();
            server.sql(
                    name,
                    "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)");
            Connection forgotten = server.connect(name);
            assertThat(forgotten.isValid(5)).isTrue();
        }

        assertThat(server.column("postgres", "SELECT datname FROM pg_database")).doesNotContain(name);
        assertThat(Files.exists(server.folder())).isTrue();
    }
}
