package io.pgconvoy.testing;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Servers with the whole sample fleet on them. */
public final class FleetServers {
    private FleetServers() {}

    /** A private server with a small fleet, and a user's objects in {@code postgres}. */
    public static EmbeddedServer start(String version) {
        EmbeddedServer server = EmbeddedServer.start(ServerOptions.of(version).withoutSync());
        try {
            SampleFleet.load(server::connect, 0.2);
            SampleFleet.loadIntoPostgres(server::connect);
            return server;
        } catch (SQLException e) {
            server.close();
            throw new IllegalStateException("cannot load the fleet into PostgreSQL " + version, e);
        }
    }

    /** The databases on such a server that a migration moves. */
    public static List<String> databases() {
        List<String> all = new ArrayList<>(SampleFleet.databases());
        all.add(SampleFleet.TEMPLATE);
        all.add("postgres");
        return all;
    }
}
