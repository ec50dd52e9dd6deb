package io.pgconvoy.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Servers with the whole sample fleet on them. */
public final class FleetServers {
    private FleetServers() {}

    /** A private server with a small fleet, a user's objects in {@code postgres}, and tablespaces in its own folder. */
    public static EmbeddedServer start(String version) {
        EmbeddedServer server = EmbeddedServer.start(ServerOptions.of(version).withoutSync());
        try {
            SampleFleet.load(server::connect, 0.2);
            SampleFleet.loadIntoPostgres(server::connect);
            SampleFleet.loadTablespaces(server::connect, folder(server, "fast"), folder(server, "slow; space"));
            return server;
        } catch (SQLException | IOException e) {
            server.close();
            throw new IllegalStateException("cannot load the fleet into PostgreSQL " + version, e);
        }
    }

    /** A folder beside the data folder: a server of another major version may use it at the same time. */
    private static Path folder(EmbeddedServer server, String name) throws IOException {
        Path folder = Files.createDirectory(server.folder().resolve(name));
        ServerUser.own(folder);
        return folder;
    }

    /** The databases on such a server that a migration moves. */
    public static List<String> databases() {
        List<String> all = new ArrayList<>(SampleFleet.databases());
        all.add(SampleFleet.TEMPLATE);
        all.add(FleetSpaces.DATABASE);
        all.add("postgres");
        return all;
    }
}
