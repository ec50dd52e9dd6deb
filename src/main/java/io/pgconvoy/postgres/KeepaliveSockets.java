package io.pgconvoy.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;

/**
 * Makes the driver's sockets: with keepalives that come before a firewall forgets an idle connection, and that notice a
 * server that is gone. By default the system's would begin after two hours.
 */
public final class KeepaliveSockets extends SocketFactory {
    private final Keepalives keepalives;

    /** @param text what {@link Keepalives#toString} gave; the driver calls this by its name */
    public KeepaliveSockets(String text) {
        this.keepalives = Keepalives.parse(text);
    }

    @Override
    public Socket createSocket() throws IOException {
        Socket socket = new Socket();
        if (keepalives.on()) {
            socket.setKeepAlive(true);
            set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, keepalives.idleSeconds());
            set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, keepalives.intervalSeconds());
            set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, keepalives.count());
        }
        return socket;
    }

    private static void set(Socket socket, SocketOption<Integer> option, int value) throws IOException {
        // Not every system knows them; 0 is libpq's word for the system's own value.
        if (value > 0 && socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw new UnsupportedOperationException("the driver connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw new UnsupportedOperationException("the driver connects by itself");
    }
}
