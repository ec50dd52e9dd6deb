package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What earlier runs of a migration have done, as far as it still stands: a marker says what was made, and the servers
 * whether that is there yet.
 *
 * @param made OIDs of the databases that they made on the target
 * @param complete the databases with which nothing is left to do
 */
public record EarlierWork(Set<Long> made, Set<DatabaseName> complete) {
    public static final EarlierWork NONE = new EarlierWork(Set.of(), Set.of());

    public EarlierWork {
        made = Set.copyOf(made);
        complete = Set.copyOf(complete);
    }

    /** Looks into a journal and asks the target; changes nothing. */
    public static EarlierWork of(
            JournalStore journal, MigrationConfig config, List<DatabaseProperties> databases, Server target) {
        Map<DatabaseName, Long> present = DatabaseCatalog.list(target).stream()
                .collect(Collectors.toMap(DatabaseProperties::name, DatabaseProperties::oid));
        Set<Long> made = databases.stream()
                .flatMap(database -> journal.database(database.name()).read(Step.CREATED).stream())
                .map(Markers.Created::oid)
                .collect(Collectors.toSet());
        Set<DatabaseName> complete = databases.stream()
                .filter(database -> !config.rerun().redoes(database.name()))
                .filter(database -> journal.database(database.name()).isComplete(config.analyze()))
                .filter(database -> journal.database(database.name())
                        .read(Step.DUMPED)
                        .filter(dumped -> dumped.databaseOid() == database.oid())
                        .isPresent())
                .filter(database -> journal.database(database.name())
                        .read(Step.CREATED)
                        .map(Markers.Created::oid)
                        .equals(Optional.ofNullable(present.get(database.name()))))
                .filter(database -> !isLost(journal, database, target))
                .map(DatabaseProperties::name)
                .collect(Collectors.toSet());
        return new EarlierWork(made, complete);
    }

    /** One that refuses connections is looked at when it may be opened. */
    private static boolean isLost(JournalStore journal, DatabaseProperties database, Server target) {
        return database.allowsConnections()
                && !new UnloggedTables(target)
                        .lost(database.name(), journal.database(database.name()).read(Step.UNLOGGED))
                        .isEmpty();
    }

    public boolean isComplete(DatabaseProperties database) {
        return complete.contains(database.name());
    }
}
