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
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablePattern;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.postgres.ClientTools;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
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

/** Runs checks against two servers, with options of which each {@code with} method changes one in this object. */
final class ServerCheckRun {
    private static final ParallelismRequest FITTED = new ParallelismRequest(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());

    private final EmbeddedServer source;
    private final EmbeddedServer target;
    private ParallelismRequest parallelism = FITTED;
    private Path dumpRoot = Path.of("target", "no-such-dumps");
    private boolean globals = true;
    private boolean dropExisting;
    private boolean allowRestoreErrors;
    private TablespaceChoice tablespaces = TablespaceChoice.SAME;
    private Deferral deferral = Deferral.NONE;
    private String sourceUser = "postgres";
    private String targetUser = "postgres";
    private String targetDatabase = "postgres";
    private Optional<ServerVersion> tools = Optional.empty();
    private Optional<ServerVersion> sourceVersion = Optional.empty();
    private Optional<ServerVersion> targetVersion = Optional.empty();
    private Set<Long> made = Set.of();

    ServerCheckRun(EmbeddedServer source, EmbeddedServer target) {
        this.source = source;
        this.target = target;
    }

    ServerCheckRun withParallelism(ParallelismRequest request) {
        parallelism = request;
        return this;
    }

    ServerCheckRun withoutGlobals() {
        globals = false;
        return this;
    }

    ServerCheckRun withDropExisting() {
        dropExisting = true;
        return this;
    }

    ServerCheckRun withAllowedRestoreErrors() {
        allowRestoreErrors = true;
        return this;
    }

    ServerCheckRun withTablespaces(TablespaceChoice choice) {
        tablespaces = choice;
        return this;
    }

    ServerCheckRun withDeferred(String pattern) {
        deferral = new Deferral(
                List.of(TablePattern.parse("--delay-table-data", pattern)),
                Optional.empty(),
                Deferral.DEFAULT_PART_SIZE,
                false);
        return this;
    }

    ServerCheckRun withSourceUser(String user) {
        sourceUser = user;
        return this;
    }

    ServerCheckRun withTargetUser(String user) {
        targetUser = user;
        return this;
    }

    ServerCheckRun withTargetDatabase(String database) {
        targetDatabase = database;
        return this;
    }

    /** As if these were the versions; only for checks that ask the servers nothing. */
    ServerCheckRun withVersions(int sourceNumber, int toolsNumber, int targetNumber) {
        sourceVersion = Optional.of(new ServerVersion(sourceNumber));
        tools = Optional.of(new ServerVersion(toolsNumber));
        targetVersion = Optional.of(new ServerVersion(targetNumber));
        return this;
    }

    /** As if the client tools were of this version; only for checks that do not run them. */
    ServerCheckRun withTools(int number) {
        tools = Optional.of(new ServerVersion(number));
        return this;
    }

    /** As if these databases of the target had been made by an earlier run. */
    ServerCheckRun withMade(Set<Long> oids) {
        made = oids;
        return this;
    }

    /** What one check finds, with these databases to be moved. */
    List<Finding> run(Check check, String... databases) throws SQLException {
        Server from = Server.connect(endpoint(Side.SOURCE, source, sourceUser, "postgres"), "pgconvoy test");
        Server to = Server.connect(endpoint(Side.TARGET, target, targetUser, targetDatabase), "pgconvoy test");
        try (Connection here = from.open();
                Connection there = to.open()) {
            List<DatabaseProperties> moved = DatabaseCatalog.list(here, from.version()).stream()
                    .filter(database ->
                            List.of(databases).contains(database.name().value()))
                    .toList();
            Situation situation = new Situation(
                    config(from, to),
                    tools(),
                    new ServerSession(from, status(from, here, sourceVersion), here),
                    new ServerSession(to, status(to, there, targetVersion), there),
                    moved,
                    List.of(),
                    made);
            if (check instanceof ServerCheck serverCheck) {
                return Finding.merged(serverCheck.run(situation));
            }
            return Finding.merged(run((DatabaseCheck) check, situation, from));
        }
    }

    private static List<Finding> run(DatabaseCheck check, Situation situation, Server from) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (DatabaseProperties database : situation.databases()) {
            try (Connection connection = from.open(database.name())) {
                connection.setReadOnly(true);
                findings.addAll(check.run(situation, new SourceDatabase(database, connection, from.version())));
            }
        }
        findings.addAll(check.conclude(situation));
        return findings;
    }

    private ClientTools tools() {
        ClientTools installed = ClientTools.find(
                Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));
        return new ClientTools(installed.folder(), tools.orElse(installed.version()));
    }

    private static ServerStatus status(Server server, Connection connection, Optional<ServerVersion> version)
            throws SQLException {
        ServerStatus status = ServerStatus.of(server, connection);
        return new ServerStatus(
                version.orElse(status.version()),
                status.systemIdentifier(),
                status.inRecovery(),
                status.superuser(),
                status.createDatabase(),
                status.readsAllPasswords(),
                status.maxConnections(),
                status.reservedConnections(),
                status.connectionsInUse(),
                status.user());
    }

    private MigrationConfig config(Server from, Server to) {
        return new MigrationConfig(
                from.endpoint(),
                to.endpoint(),
                parallelism,
                new DatabaseSelection(List.of(), List.of(), DatabaseOrder.SIZE_ASC),
                dumpRoot,
                Optional.empty(),
                globals,
                true,
                tablespaces,
                VerifyLevel.COUNT,
                Path.of("target", "no-such-state"),
                Optional.empty(),
                false,
                allowRestoreErrors,
                true,
                dropExisting,
                Set.of(),
                false,
                false,
                deferral,
                Optional.empty());
    }

    private static Endpoint endpoint(Side side, EmbeddedServer server, String user, String database) {
        return new Endpoint(
                side,
                server.host(),
                server.port(),
                user,
                Optional.of(server.password()).filter(text -> !text.isEmpty()).map(Secret::new),
                new DatabaseName(database),
                Map.of());
    }
}
