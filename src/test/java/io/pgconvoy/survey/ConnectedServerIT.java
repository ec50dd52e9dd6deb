package io.pgconvoy.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.report.Event;
import io.pgconvoy.testing.EmbeddedServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first connection of a run. */
class ConnectedServerIT {
    private static final String ROLE = "contact_it";

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void isMadeAgainWhereTheServerHasNoConnectionFreeForAMoment(String version) throws Exception {
        EmbeddedServer server = EmbeddedServer.shared(version);
        server.sql("postgres", "CREATE ROLE " + ROLE + " LOGIN CONNECTION LIMIT 1");
        List<String> said = new ArrayList<>();
        try (Connection only = server.connect("postgres", ROLE, "")) {
            RunMessages notes = new RunMessages(event -> {
                said.add(((Event.Message) event).text());
                close(only);
            });

            ConnectedServer contact = ConnectedServer.make(endpoint(server), Duration.ZERO, notes, new Cancellation());

            assertThat(contact.status().systemIdentifier()).isNotEmpty();
            assertThat(said).hasSize(2);
            assertThat(said.get(0)).contains("too many connections", "the first connection: tried again in 1 s");
            assertThat(notes.warnings())
                    .containsExactly("the first connection: tried again once, after too many connections (53300)");
        } finally {
            server.sql("postgres", "DROP ROLE " + ROLE);
        }
    }

    @Test
    void isTheSourcesOfWhichIsToldWhereBothFail() throws Exception {
        EmbeddedServer server = EmbeddedServer.shared("18");
        Endpoint here = server.endpoint(Side.SOURCE, "nobody_here");
        Endpoint there = server.endpoint(Side.TARGET, "nobody_there");

        assertThatThrownBy(() -> ConnectedServers.make(
                        here, Duration.ZERO, there, Duration.ZERO, new RunMessages(event -> {}), new Cancellation()))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageContaining("nobody_here");
    }

    @Test
    void isMadeToBothServersAtOnce() throws Exception {
        EmbeddedServer server = EmbeddedServer.shared("18");

        ConnectedServers servers = ConnectedServers.make(
                server.endpoint(Side.SOURCE, "postgres"),
                Duration.ofSeconds(3),
                server.endpoint(Side.TARGET, "postgres"),
                Duration.ZERO,
                new RunMessages(event -> {}),
                new Cancellation());

        assertThat(servers.source().server().side()).isEqualTo(Side.SOURCE);
        assertThat(servers.source().server().lockWait()).isEqualTo(Duration.ofSeconds(3));
        assertThat(servers.target().server().side()).isEqualTo(Side.TARGET);
        assertThat(servers.target().server().lockWait()).isZero();
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static Endpoint endpoint(EmbeddedServer server) {
        return server.endpoint(Side.SOURCE, ROLE);
    }
}
