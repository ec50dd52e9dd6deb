package io.pgconvoy.tuning;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import java.util.Optional;

/** Tells whether a server is the one that was tuned. */
final class Identity {
    private Identity() {}

    /**
     * The number that initdb gave the cluster.
     *
     * @return empty before 9.6, which cannot be asked, and where the role may not ask
     */
    static Optional<String> systemIdentifier(Session session) {
        if (!session.version().isAtLeast(ServerVersion.V9_6)) {
            return Optional.empty();
        }
        try {
            return session.text("SELECT system_identifier FROM pg_control_system()");
        } catch (SqlFailure notAllowed) {
            return Optional.empty();
        }
    }

    /** Whether this is the server that the state speaks of; without an identifier the address decides. */
    static boolean isSame(TuningState state, Session session) {
        return isSame(state.systemIdentifier(), state.host(), state.port(), session);
    }

    /** Whether this is the server that was known by this identifier and this address. */
    static boolean isSame(Optional<String> known, String host, int port, Session session) {
        Optional<String> identifier = systemIdentifier(session);
        if (identifier.isPresent() && known.isPresent()) {
            return identifier.equals(known);
        }
        Endpoint here = session.server().endpoint();
        return host.equals(here.host()) && port == here.port();
    }
}
