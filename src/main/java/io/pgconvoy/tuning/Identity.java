package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Tells whether a server is the one that was tuned. */
final class Identity {
    private Identity() {}

    /**
     * The number that initdb gave the cluster.
     *
     * @return empty before 9.6, which cannot be asked, and where the role may not ask
     */
    static Optional<String> systemIdentifier(Server target, Connection connection) {
        if (!target.version().isAtLeast(ServerVersion.V9_6)) {
            return Optional.empty();
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT system_identifier FROM pg_control_system()")) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        } catch (SQLException notAllowed) {
            return Optional.empty();
        }
    }

    /** Whether this is the server that the state speaks of; without an identifier the address decides. */
    static boolean isSame(TuningState state, Server target, Connection connection) {
        return isSame(state.systemIdentifier(), state.host(), state.port(), target, connection);
    }

    /** Whether this is the server that was known by this identifier and this address. */
    static boolean isSame(Optional<String> known, String host, int port, Server server, Connection connection) {
        Optional<String> identifier = systemIdentifier(server, connection);
        if (identifier.isPresent() && known.isPresent()) {
            return identifier.equals(known);
        }
        return host.equals(server.endpoint().host())
                && port == server.endpoint().port();
    }
}
