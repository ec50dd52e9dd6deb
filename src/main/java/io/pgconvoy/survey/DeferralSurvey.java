package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTables;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.TablePattern;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Step;
import io.pgconvoy.plan.DeferralChoice;
import io.pgconvoy.plan.NearMisses;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.retry.TransientRetry;
import io.pgconvoy.tuning.ClosedDatabases;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks, before anything is changed, which tables this run defers, whether every pattern means something, and whether the
 * target's user may load them. The dump chooses again in its own snapshot; what this finds may be out of date by then.
 */
public final class DeferralSurvey {
    private static final String OPTION = "--delay-table-data";

    private final MigrationConfig config;
    private final Server source;
    private final Optional<ClosedDatabases> closed;
    private final JournalStore journal;
    private final EarlierWork earlier;
    private final RunMessages notes;
    private final List<String> mistakes = new ArrayList<>();

    private DeferralSurvey(
            MigrationConfig config,
            Server source,
            Optional<ClosedDatabases> closed,
            JournalStore journal,
            EarlierWork earlier,
            RunMessages notes) {
        this.config = config;
        this.source = source;
        this.closed = closed;
        this.journal = journal;
        this.earlier = earlier;
        this.notes = notes;
    }

    /**
     * Asks both servers.
     *
     * @param closed opens databases that accept no connections; empty where nothing may be changed
     * @param journal of a database whose dump is complete, what that deferred is what counts
     * @return the deferred tables of each database that has any and is not complete yet
     * @throws PgconvoyException of kind USAGE where a pattern means nothing, of kind PREFLIGHT where the target's user may
     *     not load deferred tables
     */
    public static Map<DatabaseName, List<DeferrableTable>> run(
            MigrationConfig config,
            Server source,
            Server target,
            Optional<ClosedDatabases> closed,
            Discovery discovery,
            JournalStore journal,
            EarlierWork earlier,
            RunMessages notes) {
        var survey = new DeferralSurvey(config, source, closed, journal, earlier, notes);
        Map<DatabaseName, List<DeferrableTable>> deferred = survey.lookFor(discovery);
        if (!deferred.isEmpty()) {
            requireReplicaRole(target);
        }
        return deferred;
    }

    private Map<DatabaseName, List<DeferrableTable>> lookFor(Discovery discovery) {
        checkDatabases(discovery);
        Map<DatabaseName, List<DeferrableTable>> deferred = new LinkedHashMap<>();
        TransientRetry retry = new TransientRetry(source.cancellation(), notes::passing);
        for (DatabaseProperties database : discovery.databases()) {
            source.cancellation().check();
            List<DeferrableTable> tables = deferredOf(database, retry);
            if (!tables.isEmpty()) {
                deferred.put(database.name(), tables);
            }
        }
        notes.triedAgain(retry);
        if (!mistakes.isEmpty()) {
            throw PgconvoyException.usage(
                    OPTION + ": " + String.join("; ", mistakes),
                    "Correct the names, in which upper and lower case differ, or leave out what is not there.");
        }
        return deferred;
    }

    /** Nights of one batch each share a configuration file, so a database of another night is no mistake. */
    private void checkDatabases(Discovery discovery) {
        List<DatabaseName> moved =
                discovery.databases().stream().map(DatabaseProperties::name).toList();
        Map<DatabaseName, List<TablePattern>> elsewhere = config.deferral().patterns().stream()
                .filter(pattern -> !moved.contains(pattern.database()))
                .collect(Collectors.groupingBy(TablePattern::database, LinkedHashMap::new, Collectors.toList()));
        elsewhere.forEach((database, patterns) -> {
            if (discovery.all().contains(database)) {
                notes.info(OPTION + " " + join(patterns) + ": database \"" + database + "\" is not moved in this run");
            } else {
                mistakes.add("'" + join(patterns) + "' is about database \"" + database
                        + "\", which the source does not have"
                        + near(NearMisses.ofDatabases(database, discovery.all()).stream()
                                .map(name -> TablePattern.part(name.value()))
                                .toList()));
            }
        });
    }

    private List<DeferrableTable> deferredOf(DatabaseProperties database, TransientRetry retry) {
        DatabaseName name = database.name();
        if (earlier.isComplete(database)) {
            return List.of();
        }
        boolean dumped = !config.rerun().redoes(name)
                && journal.database(name)
                        .read(Step.DUMPED)
                        .filter(marker -> marker.databaseOid() == database.oid())
                        .isPresent();
        if (dumped) {
            return journal.database(name).read(Step.DEFERRED).stream()
                    .flatMap(marker -> marker.tables().stream())
                    .map(table ->
                            new DeferrableTable(table.oid(), table.schema(), table.name(), table.bytes(), List.of()))
                    .toList();
        }
        Deferral deferral = config.deferral();
        if (!deferral.isAskedOf(name)) {
            return List.of();
        }
        Optional<List<DeferrableTable>> tables =
                retry.run("the look for tables of database \"" + name + "\" to defer", () -> list(database));
        if (tables.isEmpty()) {
            return List.of();
        }
        DeferralChoice choice = DeferralChoice.of(deferral, name, tables.get());
        for (TablePattern pattern : choice.unmatched()) {
            mistakes.add("'" + pattern + "' matches no table" + near(NearMisses.ofTables(pattern, tables.get())));
        }
        return choice.tables();
    }

    /** The tables; empty where the database cannot be asked, which its own dump will say again and fail of. */
    private Optional<List<DeferrableTable>> list(DatabaseProperties properties) {
        DatabaseName database = properties.name();
        if (!properties.allowsConnections() && closed.isEmpty()) {
            notes.warning("which tables of database \"" + database + "\" are deferred cannot be told, as it accepts no"
                    + " connections");
            return Optional.empty();
        }
        boolean asked = false;
        try (ClosedDatabases.Opening opening = closed.filter(doors -> !properties.allowsConnections())
                        .map(doors -> doors.open(database, properties.oid()))
                        .orElse(ClosedDatabases.Opening.NOTHING);
                Session session = source.session(database, "looking for tables to defer")) {
            asked = true;
            return Optional.of(DeferrableTables.list(session));
        } catch (PgconvoyException failure) {
            source.cancellation().check();
            // A table's size waits for whoever has it locked.
            if (asked || SqlState.isTransient(failure)) {
                throw failure;
            }
            notes.warning("which tables of database \"" + database + "\" are deferred cannot be told: "
                    + failure.getMessage());
            return Optional.empty();
        }
    }

    /** Loading without firing triggers or checking foreign keys again takes a right that only superusers have by birth. */
    private static void requireReplicaRole(Server target) {
        try (Session session = target.session("setting session_replication_role")) {
            session.set("session_replication_role", "replica");
        } catch (SqlFailure failure) {
            if (!SqlState.isPrivilege(failure)) {
                throw failure;
            }
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    target.label() + ": role " + target.endpoint().user()
                            + " may not set session_replication_role, which loading deferred tables takes",
                    target.version().isAtLeast(ServerVersion.V15)
                            ? "GRANT SET ON PARAMETER session_replication_role TO this role, connect as a superuser, or"
                                    + " defer no tables."
                            : "Connect as a superuser, or defer no tables.",
                    failure);
        }
    }

    private static String near(Collection<?> names) {
        return names.isEmpty() ? "" : " (near: " + join(names) + ")";
    }

    private static String join(Collection<?> names) {
        return names.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
