package io.pgconvoy.globals;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import java.util.Map;
import java.util.Optional;

/** Test servers as the code under test sees them. */
final class Servers {
    private Servers() {}

    static Server source(EmbeddedServer server) {
        return connect(Side.SOURCE, server, server.user(), server.password());
    }

    static Server target(EmbeddedServer server) {
        return connect(Side.TARGET, server, server.user(), server.password());
    }

    static Server connect(Side side, EmbeddedServer server, String user, String password) {
        Endpoint endpoint = new Endpoint(
                side,
                server.host(),
                server.port(),
                user,
                Optional.of(password).filter(text -> !text.isEmpty()).map(Secret::new),
                new DatabaseName("postgres"),
                Map.of());
        return Server.connect(endpoint, "pgconvoy test");
    }
}
