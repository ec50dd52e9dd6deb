package io.pgconvoy.verify;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.SnapshotHolder;
import io.pgconvoy.postgres.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Runs queries of the verification, each in a transaction of its own that is rolled back, as many at once as the
 * bulkhead lets through. Safe for use by many threads.
 */
public final class ReadTransactions {
    private final Bulkhead bulkhead;
    private final Cancellation cancellation;

    /** @param bulkhead the limit on such queries over all databases and both servers */
    public ReadTransactions(Bulkhead bulkhead, Cancellation cancellation) {
        this.bulkhead = bulkhead;
        this.cancellation = cancellation;
    }

    /** What to do in the transaction, with a statement that cancellation breaks off. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Statement statement) throws SQLException;
    }

    /**
     * Runs the work.
     *
     * @param snapshot the exported snapshot to read in; empty for the present
     * @param doing what the work is, for a message: "counting rows"
     * @throws PgconvoyException of the server's kind when a query fails
     */
    public <T> T run(
            Server server,
            DatabaseName database,
            DataSource pool,
            Optional<String> snapshot,
            String doing,
            Work<T> work) {
        cancellation.check();
        try {
            cancellation.await(bulkhead::acquirePermission);
        } catch (BulkheadFullException | IllegalStateException givenUp) {
            throw Cancellation.interrupted();
        }
        try (Connection connection = pool.getConnection()) {
            try (var registration = cancellation.breaksOff(connection)) {
                return Transaction.rolledBack(connection, statement -> {
                    if (snapshot.isPresent()) {
                        SnapshotHolder.adopt(statement, snapshot.get());
                    }
                    return work.run(statement);
                });
            }
        } catch (SQLException failure) {
            cancellation.check();
            throw server.failure(database, doing, failure);
        } finally {
            bulkhead.releasePermission();
        }
    }
}
