package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.postgres.ClientTools;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** What all the checks of {@link RemovedFeatureChecks} say about one database. */
final class RemovedFeatureRun {
    private RemovedFeatureRun() {}

    /** Severity and check, as in {@code BLOCKER languages}, with the objects, sorted. */
    static Map<String, List<String>> run(
            EmbeddedServer source, String user, EmbeddedServer target, String database, boolean allowRestoreErrors)
            throws SQLException {
        Server from = Server.connect(endpoint(Side.SOURCE, source, user), "pgconvoy test");
        Server to = Server.connect(endpoint(Side.TARGET, target, target.user()), "pgconvoy test");
        Map<String, List<String>> found = new TreeMap<>();
        try (Connection here = from.open();
                Connection there = to.open();
                Connection inside = from.open(new DatabaseName(database))) {
            inside.setReadOnly(true);
            DatabaseProperties properties = DatabaseCatalog.list(here, from.version()).stream()
                    .filter(one -> one.name().value().equals(database))
                    .findFirst()
                    .orElseThrow();
            Situation situation = new Situation(
                    config(from, to, allowRestoreErrors),
                    ClientTools.find(Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN"))
                            .map(Path::of)),
                    new ServerSession(from, ServerStatus.of(from, here), here),
                    new ServerSession(to, ServerStatus.of(to, there), there),
                    List.of(properties),
                    List.of(),
                    Set.of());
            for (DatabaseCheck check : RemovedFeatureChecks.all()) {
                for (Finding finding : check.run(situation, new SourceDatabase(properties, inside, from.version()))) {
                    List<String> objects = found.computeIfAbsent(
                            finding.severity() + " " + finding.check(), none -> new ArrayList<>());
                    finding.places().forEach(place -> objects.add(place.object().orElseThrow()));
                    objects.sort(null);
                }
            }
        }
        return found;
    }

    private static MigrationConfig config(Server from, Server to, boolean allowRestoreErrors) {
        OptionalInt fitted = OptionalInt.empty();
        return new MigrationConfig(
                from.endpoint(),
                to.endpoint(),
                new ParallelismRequest(fitted, fitted, fitted, fitted, fitted, fitted),
                new DatabaseSelection(List.of(), List.of(), DatabaseOrder.SIZE_ASC),
                Path.of("target", "no-such-dumps"),
                Optional.empty(),
                true,
                true,
                TablespaceChoice.SAME,
                VerifyLevel.COUNT,
                Path.of("target", "no-such-state"),
                Optional.empty(),
                false,
                allowRestoreErrors,
                true,
                false,
                Set.of(),
                false,
                false,
                Deferral.NONE,
                Optional.empty());
    }

    private static Endpoint endpoint(Side side, EmbeddedServer server, String user) {
        return new Endpoint(
                side, server.host(), server.port(), user, Optional.empty(), new DatabaseName("postgres"), Map.of());
    }
}
