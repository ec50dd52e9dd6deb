package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;

/** Inserts into the deferred tables all the time, once the database is open, and remembers what was committed. */
final class Client implements AutoCloseable {
    private final EmbeddedServer server;
    private final String database;
    private final Supplier<Path> opened;
    private final Set<Long> committed = new ConcurrentSkipListSet<>();
    private final Queue<SQLException> refused = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::work, "client");
    private volatile boolean stopped;

    /** @param opened the marker that says that clients are welcome, looked for again and again */
    private Client(EmbeddedServer server, String database, Supplier<Path> opened) {
        this.server = server;
        this.database = database;
        this.opened = opened;
    }

    static Client start(EmbeddedServer server, String database, Supplier<Path> opened) {
        Client client = new Client(server, database, opened);
        client.thread.setDaemon(true);
        client.thread.start();
        return client;
    }

    private void work() {
        while (!stopped) {
            if (isOpen()) {
                try (Connection connection = server.connect(database)) {
                    connection.setAutoCommit(false);
                    while (!stopped) {
                        committed.add(insert(connection));
                        pause(10);
                    }
                } catch (SQLException failure) {
                    // The server may go down, or end our session; it must not refuse a row.
                    if (!String.valueOf(failure.getSQLState()).matches("(08|57P|3D).*")) {
                        refused.add(failure);
                    }
                }
            }
            pause(30);
        }
    }

    private boolean isOpen() {
        try {
            return Files.exists(opened.get());
        } catch (UncheckedIOException noJournal) {
            return false;
        }
    }

    private static long insert(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("WITH line AS (INSERT INTO log VALUES (0, 'client'))"
                        + " INSERT INTO big (parent, text) VALUES (7, 'client') RETURNING id")) {
            row.next();
            long id = row.getLong(1);
            connection.commit();
            return id;
        }
    }

    /** Waits until a few more rows are in. */
    void awaitMore() {
        int before = committed.size();
        await().atMost(Duration.ofSeconds(20)).until(() -> committed.size() > before + 2);
    }

    /** Ends it; returns what was committed for certain. */
    Set<Long> stop() {
        close();
        assertThat(refused).isEmpty();
        return committed;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
