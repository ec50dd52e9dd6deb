package io.pgconvoy.postgres;

import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import org.postgresql.util.PSQLException;

/**
 * Finds out that a server is silent: keepalives do not, while data that was sent waits to be acknowledged (the system then
 * takes a quarter of an hour), nor where the system answers for a server that does not. It is silent when it has answered
 * neither a question in a session that was there, for as long as keepalives allow, nor somebody who connects anew. One that
 * refuses a connection answers; so does one that has only ended, or forgotten, the session that asks. For one thread.
 */
final class ServerSilence {
    private final Server server;
    private final Consumer<String> tell;
    private final Duration patience;

    /** Whether the last question was not answered. */
    private boolean unanswered;

    ServerSilence(Server server, Consumer<String> tell) {
        this.server = server;
        this.tell = tell;
        this.patience = Keepalives.of(server.endpoint().parameters()).patience();
    }

    /** Whether to look at all: who wants no keepalives has whatever is silent waited for. */
    private boolean isWanted() {
        return !patience.isZero();
    }

    /** A session in which no answer is waited for longer than that. */
    Connection connect() throws SQLException {
        Connection connection = server.connectWithin(patience);
        connection.setNetworkTimeout(Runnable::run, (int) patience.toMillis());
        unanswered = false;
        server.answered();
        return connection;
    }

    /** What came of a question in a session that was there. */
    void failed(SQLException failure) {
        unanswered = isWanted() && isTimeout(failure);
    }

    /** What came of connecting. */
    void notConnected(SQLException failure) {
        boolean timeout = isTimeout(failure);
        if (timeout && unanswered) {
            tell.accept(server.label() + " has not answered for " + patience.toSeconds()
                    + " s and accepts no connection: its sessions are broken off");
            server.silent();
        }
        // Told once; and what refuses a connection answers.
        unanswered = false;
    }

    private static boolean isTimeout(SQLException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof SocketTimeoutException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException
                // The driver's own, when a login takes too long.
                || (cause instanceof PSQLException said
                        && said.getServerErrorMessage() == null
                        && "08001".equals(said.getSQLState()));
    }
}
