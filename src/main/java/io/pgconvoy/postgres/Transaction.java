package io.pgconvoy.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A transaction of a connection that is otherwise in autocommit mode. However it ends, what went wrong first is what is
 * thrown: a rollback that fails as well, as it does on a connection that broke, is suppressed in it.
 */
public final class Transaction {
    private Transaction() {}

    /** What is done in it. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Statement statement) throws SQLException;
    }

    /**
     * What is put back at the end whatever happened, as a resource of a try: where it fails as well, as it does on a
     * connection that broke, that is suppressed in what went wrong first. A finally would throw it in its place.
     */
    @FunctionalInterface
    public interface Undo extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }

    private enum End {
        COMMIT,
        ROLLBACK
    }

    /** Does something and commits it. */
    public static <T> T committed(Connection connection, Work<T> work) throws SQLException {
        return run(connection, work, End.COMMIT);
    }

    /** Does something that nobody is ever to see: reads, or tries. */
    public static <T> T rolledBack(Connection connection, Work<T> work) throws SQLException {
        return run(connection, work, End.ROLLBACK);
    }

    /** Rolls back after a failure, which is the one to be thrown. */
    public static void rollBack(Connection connection, Throwable failure) {
        try {
            if (!connection.isClosed()) {
                connection.rollback();
            }
        } catch (SQLException further) {
            failure.addSuppressed(further);
        }
    }

    private static <T> T run(Connection connection, Work<T> work, End end) throws SQLException {
        connection.setAutoCommit(false);
        T result;
        try (Statement statement = connection.createStatement()) {
            result = work.run(statement);
            if (end == End.COMMIT) {
                connection.commit();
            }
        } catch (SQLException | RuntimeException | Error failure) {
            rollBack(connection, failure);
            leave(connection, failure);
            throw failure;
        }
        if (end == End.ROLLBACK) {
            connection.rollback();
        }
        connection.setAutoCommit(true);
        return result;
    }

    private static void leave(Connection connection, Throwable failure) {
        try {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        } catch (SQLException further) {
            failure.addSuppressed(further);
        }
    }
}
