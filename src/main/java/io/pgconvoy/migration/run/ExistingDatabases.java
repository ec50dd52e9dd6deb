package io.pgconvoy.migration.run;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.TargetDatabases.Obstacle;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.survey.Discovery;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the target holds already. */
public record ExistingDatabases(Server target, Journal journal, Discovery discovery, TargetDatabases targetDatabases) {
    private static final DatabaseName TEMPLATE0 = new DatabaseName("template0");

    /**
     * Stops a run that would have to replace what is not its own.
     *
     * @throws PgconvoyException of kind PREFLIGHT that names every such database
     */
    public void refuseForeign() {
        Map<Obstacle, List<String>> obstacles = obstacles();
        List<String> untouchable = obstacles.getOrDefault(Obstacle.UNTOUCHABLE, List.of());
        if (!untouchable.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    target.label() + " holds what can be neither replaced nor filled: database "
                            + String.join(", ", untouchable),
                    "A built-in database must accept connections and hold no user objects, and --to-db must not be one"
                            + " that is moved; or leave"
                            + " it out with --exclude-db.");
        }
        List<String> foreign = obstacles.getOrDefault(Obstacle.FOREIGN, List.of());
        if (!foreign.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    target.label() + " already has databases that this migration did not create: "
                            + String.join(", ", foreign),
                    targetDatabases.foreignHint());
        }
    }

    /** The OIDs of the databases that this migration made or filled. */
    public Set<Long> ours() {
        Set<Long> ours = new HashSet<>();
        for (DatabaseProperties database : discovery.databases()) {
            journal.database(database.name())
                    .read(Step.CREATED)
                    .map(Markers.Created::oid)
                    .ifPresent(ours::add);
        }
        return ours;
    }

    /** Databases that a crash while fsync is off would take along, and that are not this migration's. */
    public List<String> others() {
        Set<Long> ours = ours();
        List<String> others = new ArrayList<>();
        for (DatabaseProperties database : DatabaseCatalog.list(target)) {
            DatabaseName name = database.name();
            boolean own = ours.contains(database.oid()) || targetDatabases.isTemporary(name);
            boolean empty = (name.isBuiltIn() || name.equals(TEMPLATE0))
                    && (!database.allowsConnections() || !targetDatabases.holdsUserObjects(name));
            if (!own && !empty) {
                others.add("\"" + name + "\"");
            }
        }
        return others;
    }

    /** The databases that have one, in their order. */
    private Map<Obstacle, List<String>> obstacles() {
        Map<DatabaseName, Long> there = DatabaseCatalog.list(target).stream()
                .collect(Collectors.toMap(DatabaseProperties::name, DatabaseProperties::oid));
        return discovery.databases().stream()
                .map(DatabaseProperties::name)
                .collect(Collectors.groupingBy(
                        name -> targetDatabases.obstacle(
                                name,
                                Optional.ofNullable(there.get(name)),
                                journal.database(name).read(Step.CREATED)),
                        Collectors.mapping(name -> "\"" + name + "\"", Collectors.toList())));
    }
}
