package io.pgconvoy.testing;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Servers with the whole sample fleet on them, for tests that move it and leave it as it is. */
public final class FleetServers {
    private static final Map<String, EmbeddedServer> LOADED = new ConcurrentHashMap<>();

    private FleetServers() {}

    /** This JVM's one server of a major version with the fleet, and a user's objects in {@code postgres}. */
    public static EmbeddedServer shared(String version) {
        return LOADED.computeIfAbsent(version, FleetServers::load);
    }

    /** The databases of {@link #shared} that a migration moves. */
    public static List<String> databases() {
        List<String> all = new ArrayList<>(SampleFleet.databases());
        all.add(SampleFleet.TEMPLATE);
        all.add("postgres");
        return all;
    }

    private static EmbeddedServer load(String version) {
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
}
