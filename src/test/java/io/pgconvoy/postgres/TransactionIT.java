package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a transaction whose connection breaks, or that is cancelled. */
@Timeout(60)
class TransactionIT {
    private static final EmbeddedServer SERVER = EmbeddedServer.shared("14");

    @Test
    void theCauseIsThrownAndNotTheRollbackThatFailsAfterIt() throws SQLException {
        try (Connection connection = SERVER.connect("postgres")) {
            assertThatThrownBy(() -> Transaction.rolledBack(
                            connection,
                            statement -> statement.execute("SELECT pg_terminate_backend(pg_backend_pid())")))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failure -> assertThat(failure.getSQLState()).isEqualTo("57P01"));
        }
    }

    @Test
    void isOverOneWayOrTheOther() throws SQLException {
        try (TestDatabases databases = TestDatabases.on(SERVER)) {
            String database = databases.create();
            try (Connection connection = SERVER.connect(database)) {
                Transaction.committed(connection, statement -> statement.execute("CREATE TABLE kept ()"));
                Transaction.rolledBack(connection, statement -> statement.execute("CREATE TABLE tried ()"));
                assertThatThrownBy(() -> Transaction.committed(connection, statement -> {
                            statement.execute("CREATE TABLE half ()");
                            return statement.execute("SELECT 1/0");
                        }))
                        .isInstanceOf(SQLException.class);
                assertThat(connection.getAutoCommit()).isTrue();
            }
            assertThat(SERVER.value(
                            database,
                            "SELECT string_agg(relname, ',') FROM pg_class WHERE relname IN"
                                    + " ('kept', 'tried', 'half')"))
                    .isEqualTo("kept");
        }
    }

    /** The driver sends a request to cancel nowhere while no query runs, and the next one would be waited for. */
    @Test
    void aStatementThatIsBegunAfterTheCancellationIsNotWaitedFor() throws Exception {
        Cancellation cancellation = new Cancellation();
        try (Connection connection = SERVER.connect("postgres");
                Statement statement = connection.createStatement();
                var registration = cancellation.breaksOff(connection)) {
            cancellation.cancel();
            // Either it fails at once, or it is broken off a moment later.
            assertThatThrownBy(() -> {
                        statement.execute("SELECT 1");
                        Thread.sleep(100);
                        statement.execute("SELECT pg_sleep(50)");
                    })
                    .isInstanceOf(SQLException.class);
        }
    }
}
