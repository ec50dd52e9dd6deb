package io.pgconvoy.resume;

import io.pgconvoy.testing.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

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
