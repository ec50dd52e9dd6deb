package io.pgconvoy.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.testing.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Something in a run's way until closed; closing twice is fine. */
@FunctionalInterface
interface Obstacle extends AutoCloseable {
    @Override
    void close();

    /** Has {@link DeferredContent}'s gate of this name wait, on one server in one database. */
    static Obstacle gate(EmbeddedServer server, String database, String name) {
        Path file = server.dataFolder().resolve("gate-" + name + "-" + database);
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return () -> {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** A transaction that stays open, and is rolled back. */
    static Obstacle transaction(EmbeddedServer server, String database, String... statements) throws SQLException {
        Connection connection = server.connect(database);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return () -> close(connection);
    }

    /** A session that waits for a table alone: whoever has it already goes on, whoever comes later waits behind. */
    static Obstacle queued(EmbeddedServer server, String database, String table) throws SQLException {
        Connection connection = server.connect(database);
        int pid;
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            pid = row.getInt(1);
        }
        Thread thread = new Thread(() -> {
            try (Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
            } catch (SQLException closed) {
                // That is how it ends.
            }
        });
        thread.setDaemon(true);
        thread.start();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(server.value(
                                database, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + pid))
                        .isEqualTo("1"));
        return () -> {
            try {
                server.sql("postgres", "SELECT pg_terminate_backend(" + pid + ")");
            } catch (SQLException stopped) {
                // The session has ended with the server.
            }
            close(connection);
        };
    }

    private static void close(Connection connection) {
        try {
            if (!connection.isClosed()) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException gone) {
            // The server is gone, and the lock with it.
        }
    }
}
