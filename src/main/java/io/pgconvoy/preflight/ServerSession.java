package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;

/**
 * One of the two servers, and a session on the database that its endpoint names.
 *
 * @param status what it said about itself and about our role
 * @param session shared by all checks, not to be closed
 */
public record ServerSession(ServerStatus status, Session session) {
    public Server server() {
        return session.server();
    }

    public ServerVersion version() {
        return session.version();
    }

    /** Names the server for messages. */
    public String label() {
        return server().label();
    }

    /** The same, as failures are to name it. */
    ServerSession doing(String what) {
        return new ServerSession(status, session.doing(what));
    }
}
