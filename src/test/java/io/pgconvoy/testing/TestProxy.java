package io.pgconvoy.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between pgconvoy and a server on the loopback interface: goes silent on command, as a network does that drops
 * packets, or drops the options of a connection, as a pooler does.
 */
public final class TestProxy implements AutoCloseable {
    /** A protocol version of 3 and later; anything else that comes first asks for TLS, or to cancel. */
    private static final int FIRST_PROTOCOL = 3 << 16;

    private static final int FIRST_REQUEST = 1234 << 16;

    private final ServerSocket listening;
    private final int port;
    private final boolean dropsOptions;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Set<Socket> forgotten = new HashSet<>();
    private boolean silent;
    private boolean closed;

    private TestProxy(int port, boolean dropsOptions) {
        this.port = port;
        this.dropsOptions = dropsOptions;
        try {
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy", this::accept);
    }

    /** Hands everything over until it is silenced. */
    public static TestProxy before(int port) {
        return new TestProxy(port, false);
    }

    /** Leaves the startup message's options out. */
    public static TestProxy droppingOptions(int port) {
        return new TestProxy(port, true);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** From now on nothing is handed over, and nothing closed; new connections are accepted. */
    public synchronized void silence() {
        silent = true;
    }

    public synchronized void speak() {
        silent = false;
        notifyAll();
    }

    /** Hands nothing over any more on the connections that there are, as a firewall does that has forgotten them. */
    public synchronized void forget() {
        forgotten.addAll(open);
    }

    /** How many connections came. */
    public int connections() {
        return open.size() / 2;
    }

    private synchronized void awaitSpeech() throws InterruptedException {
        while (silent) {
            wait();
        }
    }

    private synchronized void awaitSpeech(Socket socket) throws InterruptedException {
        while (silent || (forgotten.contains(socket) && !closed)) {
            wait();
        }
    }

    private void accept() throws Exception {
        while (true) {
            Socket client = listening.accept();
            start("proxy-client", () -> serve(client));
        }
    }

    private void serve(Socket client) throws Exception {
        awaitSpeech();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(client);
        open.add(server);
        start("proxy-server", () -> copy(server, client));
        if (dropsOptions) {
            dropOptions(new DataInputStream(client.getInputStream()), server.getOutputStream());
        }
        copy(client, server);
    }

    private void copy(Socket from, Socket to) throws Exception {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitSpeech(from);
                to.getOutputStream().write(buffer, 0, read);
            }
            awaitSpeech(from);
        }
    }

    private static void dropOptions(DataInputStream in, OutputStream out) throws IOException {
        while (true) {
            int length = in.readInt();
            byte[] body = in.readNBytes(length - 4);
            if (body.length < 4) {
                throw new EOFException();
            }
            int code = (body[0] & 0xff) << 24 | (body[1] & 0xff) << 16 | (body[2] & 0xff) << 8 | (body[3] & 0xff);
            boolean startup = code >= FIRST_PROTOCOL && code < FIRST_REQUEST;
            byte[] kept = startup ? withoutOptions(body) : body;
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(kept.length + 4);
            data.write(kept);
            data.flush();
            if (startup) {
                return;
            }
        }
    }

    private static byte[] withoutOptions(byte[] body) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        kept.write(body, 0, 4);
        String[] texts = new String(body, 4, body.length - 4, StandardCharsets.ISO_8859_1).split("\0", -1);
        for (int i = 0; i + 1 < texts.length && !texts[i].isEmpty(); i += 2) {
            if (!texts[i].equals("options")) {
                kept.writeBytes((texts[i] + "\0" + texts[i + 1] + "\0").getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        kept.write(0);
        return kept.toByteArray();
    }

    /** What is done in a thread, which ends with its sockets. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Exception closed) {
                        // One end has gone; the other one's socket is closed with it.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        speak();
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
