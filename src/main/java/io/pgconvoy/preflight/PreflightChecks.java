package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.postgres.concurrent.Tasks;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.preflight.database.DatabaseChecks;
import io.pgconvoy.preflight.rehearsal.RehearsalFindings;
import io.pgconvoy.preflight.rehearsal.SampleFindings;
import io.pgconvoy.preflight.server.ConnectPrivilegeCheck;
import io.pgconvoy.preflight.server.ConnectionCheck;
import io.pgconvoy.preflight.server.ServerChecks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All checks, before anything is changed. An object makes one preflight, for one thread. */
public final class PreflightChecks {
    /** The check of what the target holds already. */
    public static final String EXISTING_DATABASES = "existing-databases";

    private static final Logger log = LoggerFactory.getLogger(PreflightChecks.class);

    /** Where one of these blocks, the others could not be asked or would mislead. */
    private final List<ServerCheck> foundations = ServerChecks.foundations();

    private final List<ServerCheck> serverChecks = ServerChecks.all();
    private final List<DatabaseCheck> databaseChecks = DatabaseChecks.all();
    private final Set<String> ignored;
    private final Cancellation cancellation;
    private final TransientRetry retry;

    /** How long each check took in all databases together, for those who look for a slow one. */
    private final Map<String, Duration> spent = new ConcurrentHashMap<>();

    /**
     * @param ignored names of checks whose blockers count as warnings
     * @param retry of the look into a database
     * @throws PgconvoyException of kind USAGE where there is no check of such a name
     */
    public PreflightChecks(Set<String> ignored, Cancellation cancellation, TransientRetry retry) {
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
    public List<Finding> foundations(CheckContext context) {
        return finish(run(foundations, context));
    }

    /**
     * All other checks.
     *
     * @param databases those to look into, of the context's databases
     */
    public List<Finding> run(CheckContext context, List<DatabaseProperties> databases) {
        List<Finding> findings = new ArrayList<>(run(serverChecks, context));
        // What cannot be looked into; ConnectPrivilegeCheck has told of it.
        Set<DatabaseName> refused =
                ConnectPrivilegeCheck.refused(context.onSource().doing("asking for the right to connect"));
        findings.addAll(lookInto(
                context,
                databases.stream()
                        // Nor can a name be asked for that is no UTF-8, of which SharedEncodingCheck has told.
                        .filter(database -> !refused.contains(database.name())
                                && !RawText.isRaw(database.name().value()))
                        .toList()));
        for (DatabaseCheck check : databaseChecks) {
            findings.addAll(timed(check.name(), () -> check.conclude(ofServers(check, context))));
        }
        logSpent();
        return finish(findings);
    }

    /**
     * A look into one database, and what it waits for before it comes to the checks that remember other databases, and that ask
     * the servers as a whole: these take the databases one after the other, in their order.
     */
    private record Look(
            DatabaseProperties database, CountDownLatch turn, CountDownLatch done, List<Finding> findings) {}

    /** As many at once as are dumped at once later. */
    private List<Finding> lookInto(CheckContext context, List<DatabaseProperties> databases) {
        if (databases.isEmpty()) {
            return List.of();
        }
        Map<DatabaseCheck, List<Sign>> signs = new LinkedHashMap<>();
        databaseChecks.forEach(check -> signs.put(check, check.signs(ofServers(check, context))));
        List<Look> looks = new ArrayList<>();
        CountDownLatch turn = new CountDownLatch(0);
        for (DatabaseProperties database : databases) {
            CountDownLatch done = new CountDownLatch(1);
            looks.add(new Look(database, turn, done, new ArrayList<>()));
            turn = done;
        }
        int atOnce = ConnectionCheck.parallelism(context)
                .map(Parallelism::dumpParallel)
                .orElse(1);
        Tasks.forEach("check", atOnce, cancellation, looks, look -> {
            look.findings()
                    .addAll(retry.run(
                            "the look into database \"" + look.database().name() + "\"",
                            () -> lookInto(context, look, signs)));
            look.done().countDown();
        });
        return looks.stream().flatMap(look -> look.findings().stream()).toList();
    }

    /** All in one session. */
    private List<Finding> lookInto(CheckContext context, Look look, Map<DatabaseCheck, List<Sign>> signs) {
        DatabaseProperties database = look.database();
        try (Session session = context.source().server().session(database.name(), "looking into it")) {
            SourceDatabase open =
                    withSigns(new SourceDatabase(database, session.doing("asking for many checks at once")), signs);
            Map<Check, List<Finding>> together = together(context, open);
            cancellation.await(look.turn()::await);
            List<Finding> findings = new ArrayList<>();
            for (DatabaseCheck check : databaseChecks) {
                String doing = "the check " + check.name();
                CheckContext named =
                        context.doing(doing, doing + " of the source's database \"" + database.name() + "\"");
                findings.addAll(
                        together.containsKey(check)
                                ? together.get(check)
                                : timed(
                                        check.name(),
                                        () -> open.shows(signs.get(check))
                                                ? check.run(named, open.doing(doing))
                                                : List.of()));
            }
            return findings;
        }
    }

    /** Where they cannot be asked for all checks are run, which tells whose it was. */
    private SourceDatabase withSigns(SourceDatabase database, Map<DatabaseCheck, List<Sign>> signs) {
        try {
            return timed(
                    "signs",
                    () -> database.withSigns(
                            signs.values().stream().flatMap(List::stream).toList()));
        } catch (SqlFailure failure) {
            refuseLost(database, failure);
            return database;
        }
    }

    /** What waited for a lock as long as may be would wait once more, and a session that is gone tells nothing more. */
    private static void refuseLost(SourceDatabase database, SqlFailure failure) {
        if (database.session().isClosed() || SqlState.isLockNotAvailable(failure)) {
            throw failure;
        }
    }

    /** What those find that are data, in one statement. Where it fails each is to be asked alone, which tells whose it was. */
    private Map<Check, List<Finding>> together(CheckContext context, SourceDatabase database) {
        List<QueryCheck> queries = databaseChecks.stream()
                .filter(QueryCheck.class::isInstance)
                .map(QueryCheck.class::cast)
                .toList();
        try {
            return timed("queries", () -> QueryCheck.runAll(queries, context, database));
        } catch (SqlFailure failure) {
            refuseLost(database, failure);
            return Map.of();
        }
    }

    private List<Finding> run(List<ServerCheck> checks, CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        for (ServerCheck check : checks) {
            findings.addAll(timed(check.name(), () -> check.run(ofServers(check, context))));
        }
        return findings;
    }

    /** For failures that say which check it was: they name the server by themselves. */
    private static CheckContext ofServers(Check check, CheckContext context) {
        String doing = "the check " + check.name();
        return context.doing(doing, doing + " (of " + context.source().label() + " against it)");
    }

    private <T> T timed(String check, Supplier<T> question) {
        long before = System.nanoTime();
        try {
            return question.get();
        } finally {
            spent.merge(check, Duration.ofNanos(System.nanoTime() - before), Duration::plus);
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
                            .map(blocker ->
                                    new PgconvoyException(ErrorKind.PREFLIGHT, blocker.sentence(), blocker.advice()))
                            .toList());
        }
    }
}
