package io.pgconvoy.benchmark;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * The two servers of a race.
 *
 * @param own those that were started for it; empty where the user named two
 */
record RaceServers(RaceServer source, RaceServer target, List<EmbeddedServer> own) implements AutoCloseable {
    /** Of the user's, which must be throw-away ones. */
    static RaceServers named(Endpoint source, Endpoint target, Duration limit) {
        return new RaceServers(RaceServer.take(source, limit), RaceServer.take(target, limit), List.of());
    }

    /** Started for this race, and fit for it: both have memory, and the target flushes as a real one does. */
    static RaceServers embedded(String fromVersion, String toVersion, Duration limit, PrintStream out) {
        ServerOptions from = options("--from-version", fromVersion).withoutSync();
        ServerOptions to = options("--to-version", toVersion);
        out.println("bench: starting PostgreSQL " + fromVersion + " and " + toVersion + " ...");
        EmbeddedServer source = EmbeddedServer.start(from);
        EmbeddedServer target = EmbeddedServer.start(to);
        return new RaceServers(
                RaceServer.take(source.endpoint(Side.SOURCE), limit),
                RaceServer.take(target.endpoint(Side.TARGET), limit),
                List.of(source, target));
    }

    private static ServerOptions options(String option, String version) {
        if (!EmbeddedServer.available(version)) {
            throw PgconvoyException.usage(
                    option + ": there is no server of version '" + version + "'",
                    "There are 9.5, 9.6 and 10 to 18, and scripts/bench fetches them.");
        }
        return ServerOptions.of(version)
                .withSetting("max_connections", "300")
                .withSetting("shared_buffers", "512MB")
                .withSetting("max_wal_size", "4GB");
    }

    /** Leaves nothing on servers that outlive the race. */
    void leave() {
        if (own.isEmpty()) {
            target.restoreSettings();
            target.clean();
            source.clean();
        }
    }

    @Override
    public void close() {
        leave();
        own.forEach(EmbeddedServer::close);
    }
}
