package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;

/**
 * One of the two servers, and a session on the database that its endpoint names.
 *
 * @param status what it said about itself and about our role
 * @param connection in autocommit mode; shared by all checks, not to be closed
 */
public record ServerSession(Server server, ServerStatus status, Connection connection) {
    public ServerVersion version() {
        return server.version();
    }

    /** Names the server for messages. */
    public String label() {
        return server.label();
    }
}
