package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.RawText;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Cancellation;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.TransientRetry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All checks, before anything is changed. An object makes one preflight, in one thread. */
public final class Preflight {
    /** The check of what the target holds already. */
    public static final String EXISTING_DATABASES = "existing-databases";

    private static final Logger log = LoggerFactory.getLogger(Preflight.class);

    /** Where one of these blocks, the others could not be asked or would mislead. */
    private final List<ServerCheck> foundations = List.of(
            new VersionCheck(), new ToolCheck(), new SameServerCheck(), new RecoveryCheck(), new PrivilegeCheck());

    private final List<ServerCheck> serverChecks = ServerChecks.all();
    private final List<DatabaseCheck> databaseChecks = DatabaseChecks.all();
    private final Set<String> ignored;
    private final Cancellation cancellation;
    private final TransientRetry retry;

    /** How long each check took in all databases together, for those who look for a slow one. */
    private final Map<String, Duration> spent = new LinkedHashMap<>();

    /**
     * @param ignored names of checks whose blockers count as warnings
     * @param retry of the look into a database
     * @throws PgconvoyException of kind USAGE where there is no check of such a name
     */
    public Preflight(Set<String> ignored, Cancellation cancellation, TransientRetry retry) {
        this.ignored = Set.copyOf(ignored);
        this.cancellation = cancellation;
        this.retry = retry;
        Set<String> names = Stream.of(foundations, serverChecks, databaseChecks)
                .flatMap(List::stream)
                .map(Check::name)
                .collect(Collectors.toCollection(TreeSet::new));
        names.add(RehearsalFindings.NAME);
        names.add(SampleFindings.NAME);
        for (String name : ignored) {
            if (!names.contains(name)) {
                throw PgconvoyException.usage(
                        "--ignore-check: there is no check named '" + name + "'",
                        "There are " + String.join(", ", names) + ".");
            }
        }
    }

    /** What has to be so before either server can be asked anything else. */
    public List<Finding> foundations(Situation situation) {
        return finish(runServerChecks(foundations, situation));
    }

    /**
     * All other checks.
     *
     * @param databases those to look into, of the situation's databases
     */
    public List<Finding> run(Situation situation, List<DatabaseProperties> databases) {
        List<Finding> findings = new ArrayList<>(runServerChecks(serverChecks, situation));
        Set<DatabaseName> refused = refused(situation);
        for (DatabaseProperties database : databases) {
            cancellation.check();
            // Nor can a name be asked for that is no UTF-8, of which SharedEncodingCheck has told.
            if (!refused.contains(database.name())
                    && !RawText.isRaw(database.name().value())) {
                findings.addAll(retry.run(
                        "the look into database \"" + database.name() + "\"", () -> lookInto(situation, database)));
            }
        }
        for (DatabaseCheck check : databaseChecks) {
            try {
                findings.addAll(timed(check, () -> check.conclude(situation)));
            } catch (SQLException failure) {
                throw failure(situation, check, failure);
            }
        }
        logSpent();
        return finish(findings);
    }

    /** What cannot be looked into; {@link ConnectPrivilegeCheck} has told of it. */
    private static Set<DatabaseName> refused(Situation situation) {
        try {
            return ConnectPrivilegeCheck.refused(situation.source().connection());
        } catch (SQLException failure) {
            Server source = situation.source().server();
            throw source.failure(source.endpoint().database(), "asking for the right to connect", failure);
        }
    }

    private List<Finding> lookInto(Situation situation, DatabaseProperties database) {
        List<Finding> findings = new ArrayList<>();
        Server source = situation.source().server();
        try (Connection connection = source.open(database.name());
                var registration = cancellation.breaksOff(connection)) {
            connection.setReadOnly(true);
            SourceDatabase open = new SourceDatabase(database, connection, source.version());
            for (DatabaseCheck check : databaseChecks) {
                try {
                    findings.addAll(timed(check, () -> check.run(situation, open)));
                } catch (SQLException failure) {
                    cancellation.check();
                    Side side = LostSide.of(connection, situation.target().connection(), Side.SOURCE);
                    throw side == Side.TARGET
                            ? situation
                                    .target()
                                    .server()
                                    .failure(
                                            situation
                                                    .target()
                                                    .server()
                                                    .endpoint()
                                                    .database(),
                                            "the check " + check.name() + " of the source's database \""
                                                    + database.name() + "\"",
                                            failure)
                            : source.failure(database.name(), "the check " + check.name(), failure);
                }
            }
            return findings;
        } catch (SQLException failure) {
            cancellation.check();
            throw source.failure(database.name(), "looking into it", failure);
        }
    }

    private List<Finding> runServerChecks(List<ServerCheck> checks, Situation situation) {
        List<Finding> findings = new ArrayList<>();
        for (ServerCheck check : checks) {
            try {
                findings.addAll(timed(check, () -> check.run(situation)));
            } catch (SQLException failure) {
                throw failure(situation, check, failure);
            }
        }
        return findings;
    }

    /** What a check does. */
    @FunctionalInterface
    private interface Question {
        List<Finding> ask() throws SQLException;
    }

    private List<Finding> timed(Check check, Question question) throws SQLException {
        long before = System.nanoTime();
        try {
            return question.ask();
        } finally {
            spent.merge(check.name(), Duration.ofNanos(System.nanoTime() - before), Duration::plus);
        }
    }

    private void logSpent() {
        if (log.isDebugEnabled()) {
            log.debug(
                    "milliseconds of each check: {}",
                    spent.entrySet().stream()
                            .sorted(Map.Entry.<String, Duration>comparingByValue()
                                    .reversed())
                            .map(check ->
                                    check.getKey() + " " + check.getValue().toMillis())
                            .collect(Collectors.joining(", ")));
        }
    }

    private static PgconvoyException failure(Situation situation, Check check, SQLException failure) {
        Server source = situation.source().server();
        if (LostSide.of(situation.source().connection(), situation.target().connection(), Side.TARGET) == Side.SOURCE) {
            return source.failure(source.endpoint().database(), "the check " + check.name(), failure);
        }
        return situation
                .target()
                .server()
                .failure(
                        situation.target().server().endpoint().database(),
                        "the check " + check.name() + " (of "
                                + situation.source().label() + " against it)",
                        failure);
    }

    /** Puts equal findings together, and has blockers of ignored checks block no more. */
    public List<Finding> finish(List<Finding> findings) {
        return Finding.merged(findings).stream()
                .map(finding -> ignored.contains(finding.check()) && finding.severity() == Severity.BLOCKER
                        ? finding.as(Severity.WARNING)
                        : finding)
                .toList();
    }

    /** In the order in which they are reported. */
    public static List<Finding> worstFirst(List<Finding> findings) {
        return findings.stream().sorted(Comparator.comparing(Finding::severity)).toList();
    }

    /** Those that keep the migration from beginning. */
    public static List<Finding> blockers(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.severity() == Severity.BLOCKER)
                .toList();
    }

    /**
     * Stops here where something blocks.
     *
     * @throws PgconvoyException of kind PREFLIGHT that names every blocker
     */
    public static void refuseBlockers(List<Finding> findings) {
        List<Finding> blockers = blockers(findings);
        if (!blockers.isEmpty()) {
            throw PgconvoyException.of(
                    ErrorKind.PREFLIGHT,
                    blockers.stream()
                            .map(blocker -> new PgconvoyException(
                                    ErrorKind.PREFLIGHT, FindingText.sentence(blocker), blocker.advice()))
                            .toList());
        }
    }
}
