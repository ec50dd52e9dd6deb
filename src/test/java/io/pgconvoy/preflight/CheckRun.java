package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.ParallelismRequest;
import io.pgconvoy.config.Rerun;
import io.pgconvoy.config.RunPolicy;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.config.TablePattern;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.config.VerifyLevel;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.postgres.tools.ClientTools;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.testing.EmbeddedServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Runs checks against two servers, with options; what begins with {@code with} gives the same with one changed. */
final class CheckRun {
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
    private boolean openClosed;
    private boolean allowRestoreErrors;
    private TablespaceChoice tablespaces = TablespaceChoice.SAME;
    private Deferral deferral = Deferral.NONE;
    private Optional<ByteSize> streamed = Optional.empty();
    private String sourceUser = "postgres";
    private String targetUser = "postgres";
    private String targetDatabase = "postgres";
    private Optional<ServerVersion> tools = Optional.empty();
    private Optional<ServerVersion> sourceVersion = Optional.empty();
    private Optional<ServerVersion> targetVersion = Optional.empty();
    private Set<Long> made = Set.of();
    private boolean readOnly;
    private Duration lockWait = Duration.ZERO;
    private String targetHost;
    private UnaryOperator<DatabaseProperties> properties = UnaryOperator.identity();

    private CheckRun(EmbeddedServer source, EmbeddedServer target) {
        this.source = source;
        this.target = target;
        this.targetHost = target.host();
    }

    static CheckRun between(EmbeddedServer source, EmbeddedServer target) {
        return new CheckRun(source, target);
    }

    private CheckRun with(Consumer<CheckRun> change) {
        CheckRun copy = new CheckRun(source, target);
        copy.parallelism = parallelism;
        copy.dumpRoot = dumpRoot;
        copy.globals = globals;
        copy.dropExisting = dropExisting;
        copy.allowRestoreErrors = allowRestoreErrors;
        copy.tablespaces = tablespaces;
        copy.deferral = deferral;
        copy.streamed = streamed;
        copy.openClosed = openClosed;
        copy.sourceUser = sourceUser;
        copy.targetUser = targetUser;
        copy.targetDatabase = targetDatabase;
        copy.tools = tools;
        copy.sourceVersion = sourceVersion;
        copy.targetVersion = targetVersion;
        copy.targetHost = targetHost;
        copy.made = made;
        copy.readOnly = readOnly;
        copy.lockWait = lockWait;
        copy.properties = properties;
        change.accept(copy);
        return copy;
    }

    CheckRun withParallelism(ParallelismRequest request) {
        return with(run -> run.parallelism = request);
    }

    CheckRun withoutGlobals() {
        return with(run -> run.globals = false);
    }

    CheckRun withDropExisting() {
        return with(run -> run.dropExisting = true);
    }

    CheckRun withAllowedRestoreErrors() {
        return with(run -> run.allowRestoreErrors = true);
    }

    CheckRun withTablespaces(TablespaceChoice choice) {
        return with(run -> run.tablespaces = choice);
    }

    CheckRun withStreamed(ByteSize largerThan) {
        return with(run -> run.streamed = Optional.of(largerThan));
    }

    CheckRun withDeferred(String pattern) {
        return with(run -> run.deferral = new Deferral(
                List.of(TablePattern.parse("--delay-table-data", pattern)),
                Optional.empty(),
                Deferral.DEFAULT_PART_SIZE,
                false));
    }

    CheckRun withSourceUser(String user) {
        return with(run -> run.sourceUser = user);
    }

    CheckRun withTargetUser(String user) {
        return with(run -> run.targetUser = user);
    }

    /** By another of its names. */
    CheckRun withTargetHost(String host) {
        return with(run -> run.targetHost = host);
    }

    CheckRun withTargetDatabase(String database) {
        return with(run -> run.targetDatabase = database);
    }

    /** As if these were the versions; only for checks that ask the servers nothing. */
    CheckRun withVersions(int sourceNumber, int toolsNumber, int targetNumber) {
        return with(run -> {
            run.sourceVersion = Optional.of(new ServerVersion(sourceNumber));
            run.tools = Optional.of(new ServerVersion(toolsNumber));
            run.targetVersion = Optional.of(new ServerVersion(targetNumber));
        });
    }

    /** As if the client tools were of this version; only for checks that do not run them. */
    CheckRun withTools(int number) {
        return with(run -> run.tools = Optional.of(new ServerVersion(number)));
    }

    /** As if these databases of the target had been made by an earlier run. */
    CheckRun withMade(Set<Long> oids) {
        return with(run -> run.made = oids);
    }

    /** With what the source is made to say about its databases. */
    CheckRun withProperties(UnaryOperator<DatabaseProperties> changed) {
        return with(run -> run.properties = changed);
    }

    /** As if something between us and the target had made its session read-only. */
    CheckRun withReadOnlyTarget() {
        return with(run -> run.readOnly = true);
    }

    CheckRun withLockWait(Duration most) {
        return with(run -> run.lockWait = most);
    }

    CheckRun withOpenClosed() {
        return with(run -> run.openClosed = true);
    }

    /** One of the checks that are data. */
    static Check named(String name) {
        return DatabaseChecks.all().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What one check finds, with these databases to be moved. */
    List<Finding> run(Check check, String... databases) {
        return asking(
                context -> Finding.merged(
                        check instanceof ServerCheck serverCheck
                                ? serverCheck.run(context)
                                : run((DatabaseCheck) check, context)),
                databases);
    }

    /** Of the checks that go by signs, those of which a database shows one. */
    List<String> signed(String database) {
        return asking(
                context -> {
                    DatabaseProperties properties = context.databases().get(0);
                    try (Session session = context.source().server().session(properties.name(), "test")) {
                        List<DatabaseCheck> all = DatabaseChecks.all();
                        SourceDatabase looked = new SourceDatabase(properties, session)
                                .withSigns(all.stream()
                                        .flatMap(check -> check.signs(context).stream())
                                        .toList());
                        return all.stream()
                                .filter(check -> !check.signs(context).isEmpty() && looked.shows(check.signs(context)))
                                .map(Check::name)
                                .toList();
                    }
                },
                database);
    }

    /** What all checks find but those that come before the others. */
    List<Finding> all(String... databases) {
        return asking(
                context -> new PreflightChecks(
                                Set.of(), new Cancellation(), new TransientRetry(new Cancellation(), text -> {}))
                        .run(context, context.databases()),
                databases);
    }

    private <T> List<T> asking(Function<CheckContext, List<T>> question, String... databases) {
        Server from = Server.connect(
                        endpoint(Side.SOURCE, source, source.host(), sourceUser, "postgres"), "pgconvoy test")
                .withLockWait(lockWait);
        Server to =
                Server.connect(endpoint(Side.TARGET, target, targetHost, targetUser, targetDatabase), "pgconvoy test");
        try (Session here = from.session("test");
                Session there = to.session("test")) {
            if (readOnly) {
                there.set("default_transaction_read_only", "on");
            }
            List<DatabaseProperties> moved = DatabaseCatalog.list(here).stream()
                    .filter(database ->
                            List.of(databases).contains(database.name().value()))
                    .map(properties)
                    .toList();
            return question.apply(new CheckContext(
                    config(from, to),
                    tools(),
                    new ServerSession(status(here, sourceVersion), here),
                    new ServerSession(status(there, targetVersion), there),
                    moved.stream()
                            .filter(database -> openClosed || database.allowsConnections())
                            .toList(),
                    moved.stream()
                            .filter(database -> !openClosed && !database.allowsConnections())
                            .toList(),
                    made));
        }
    }

    /** The same as people read it: severity, name, sentence and advice. */
    List<String> texts(Check check, String... databases) {
        return run(check, databases).stream()
                .map(finding -> finding.severity() + " " + finding.check() + ": " + finding.sentence() + ". "
                        + finding.advice())
                .toList();
    }

    private static List<Finding> run(DatabaseCheck check, CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        for (DatabaseProperties database : context.databases()) {
            try (Session session = context.source().server().session(database.name(), "test")) {
                List<Sign> signs = check.signs(context);
                SourceDatabase looked = new SourceDatabase(database, session).withSigns(signs);
                findings.addAll(looked.shows(signs) ? check.run(context, looked) : List.of());
            }
        }
        findings.addAll(check.conclude(context));
        return findings;
    }

    private ClientTools tools() {
        ClientTools installed = ClientTools.find(
                Optional.ofNullable(System.getenv("PGCONVOY_PG_BIN")).map(Path::of));
        return new ClientTools(installed.folder(), tools.orElse(installed.version()));
    }

    private static ServerStatus status(Session session, Optional<ServerVersion> version) {
        ServerStatus status = ServerStatus.of(session);
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
                status.user(),
                status.connectionsOfUser());
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
                openClosed,
                false,
                deferral,
                streamed,
                Duration.ofMinutes(1),
                RunPolicy.DEFAULT,
                new Rerun(true, List.of()));
    }

    private static Endpoint endpoint(Side side, EmbeddedServer server, String host, String user, String database) {
        return new Endpoint(
                side,
                host,
                server.port(),
                user,
                Optional.of(server.password()).filter(text -> !text.isEmpty()).map(Secret::new),
                new DatabaseName(database),
                Map.of());
    }
}
