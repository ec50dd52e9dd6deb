package io.pgconvoy.postgres;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Finds out that a server is silent: keepalives do not, while data that was sent waits to be acknowledged (the system then
 * takes a quarter of an hour), nor where the system answers for a server that does not. It is silent when it has answered
 * neither a question in a session that was there, for as long as keepalives allow, nor somebody new who asks whether it
 * speaks TLS. It does answer that where somebody has locked its catalogs, so that nobody gets in and our question waits; where
 * it refuses connections; and where it has only ended, or forgotten, the session that asks. For one thread.
 */
public final class ServerSilence {
    /** SSLRequest, to which a server of any version, with or without TLS, says something before it looks at anything. */
    private static final byte[] SSL_REQUEST =
            ByteBuffer.allocate(8).putInt(8).putInt(80_877_103).array();

    private static final Duration MOST_FOR_A_BYTE = Duration.ofSeconds(20);

    /** Less than is waited for an answer: a lock is no silence. */
    private static final Duration MOST_FOR_A_LOCK = Duration.ofSeconds(30);

    private final Server server;
    private final Consumer<String> tell;

    /** Zero for who wants no keepalives, and has whatever is silent waited for. */
    private final Duration patience;

    public ServerSilence(Server server, Consumer<String> tell) {
        // What puts things right at the end must not wait for a silent server, either.
        this.server = server.undisturbed();
        this.tell = tell;
        this.patience = Keepalives.of(server.endpoint().parameters()).patience();
    }

    /** A session in which no answer is waited for longer than that. */
    public Session connect() {
        Session session = server.sessionWithin(patience, server.endpoint().database(), "looking for locks");
        try {
            session.limit(patience);
            long lock = patience.isZero()
                    ? MOST_FOR_A_LOCK.toMillis()
                    : Math.min(MOST_FOR_A_LOCK.toMillis(), patience.toMillis() / 2);
            session.execute("SET lock_timeout = " + lock);
        } catch (RuntimeException failure) {
            session.close();
            throw failure;
        }
        server.answered();
        return session;
    }

    /** What came of a question in a session that was there. */
    public void failed(RuntimeException failure) {
        if (!patience.isZero() && isTimeout(failure) && !answersAnybody()) {
            tell.accept(server.label() + " has not answered for " + patience.toSeconds()
                    + " s, nor anybody who connects: its sessions are broken off");
            server.silent();
        }
    }

    private static boolean isTimeout(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private boolean answersAnybody() {
        int most = (int) Math.min(MOST_FOR_A_BYTE.toMillis(), patience.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            server.endpoint().host(), server.endpoint().port()),
                    most);
            socket.setSoTimeout(most);
            socket.getOutputStream().write(SSL_REQUEST);
            // An end is an answer, too, and so is a refusal.
            socket.getInputStream().read();
            return true;
        } catch (SocketTimeoutException | NoRouteToHostException | UnknownHostException nothing) {
            return false;
        } catch (IOException refused) {
            return true;
        }
    }
}
