package io.pgconvoy.verify.checksum;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerPools;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.verify.rows.ReadTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One server's checksums, as a migration would compute them. */
final class Checksums implements AutoCloseable {
    static final int CONCURRENCY = 3;

    private final ServerPools pools;

    Checksums(Side side, EmbeddedServer server) {
        this(side, server, new Cancellation());
    }

    Checksums(Side side, EmbeddedServer server, Cancellation cancellation) {
        this.pools = new ServerPools(Server.connect(server.endpoint(side), "pgconvoy test", cancellation));
    }

    ServerPools pools() {
        return pools;
    }

    List<TableRows> of(String database) {
        return of(database, Optional.empty());
    }

    List<TableRows> of(String database, Optional<SnapshotHolder> snapshot) {
        return new ChecksumReader(transactions()).read(new DatabaseName(database), snapshot, table -> true, done -> {});
    }

    ReadTransactions transactions() {
        return new ReadTransactions(pools, bulkhead(), CONCURRENCY);
    }

    private static Bulkhead bulkhead() {
        return Bulkhead.of(
                "verify",
                BulkheadConfig.custom()
                        .maxConcurrentCalls(CONCURRENCY)
                        .maxWaitDuration(Duration.ofMinutes(5))
                        .build());
    }

    @Override
    public void close() {
        pools.close();
    }
}
