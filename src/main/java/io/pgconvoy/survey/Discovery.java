package io.pgconvoy.survey;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.DatabaseOrder;
import io.pgconvoy.config.DatabaseSelection;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Rerun;
import io.pgconvoy.globals.ServiceDatabases;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Step;
import io.pgconvoy.plan.DatabasePatterns;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.tuning.ClosedDatabases;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which databases are to be moved.
 *
 * @param databases in the order in which they are begun; with --open-closed-databases those among them that accept no
 *     connections, too
 * @param refusing databases that are selected but accept no connections, so that pg_dump cannot read them
 * @param all every database that the source has
 * @param bare built-in databases that are selected and hold no user objects: they have settings and privileges only
 */
public record Discovery(
        List<DatabaseProperties> databases,
        List<DatabaseProperties> refusing,
        List<DatabaseName> all,
        List<DatabaseProperties> bare) {
    private static final String ADVICE =
            "have it opened for the time of its dump with --open-closed-databases, or leave"
                    + " it out with --exclude-db";
    private static final DatabaseName TEMPLATE0 = new DatabaseName("template0");

    public Discovery {
        databases = List.copyOf(databases);
        refusing = List.copyOf(refusing);
        all = List.copyOf(all);
        bare = List.copyOf(bare);
    }

    /**
     * Asks the source for what a migration moves.
     *
     * @param journal the migration's
     */
    public static Discovery of(Server source, MigrationConfig config, JournalStore journal) {
        return of(
                source,
                config.databases(),
                list(source, ClosedDatabases.limitsBefore(journal)),
                closed -> config.openClosed() || isDumped(closed, journal));
    }

    /** Asks the source for what a migration would move that nobody has begun yet. */
    public static Discovery ofNew(Server source, MigrationConfig config) {
        return of(source, config.databases(), list(source, Map.of()), closed -> config.openClosed());
    }

    /** Asks the source for what can be looked into as it is. */
    public static Discovery of(Server source, DatabaseSelection selection) {
        return of(source, selection, list(source, Map.of()), closed -> false);
    }

    /** @param readable which of the databases that accept no connections can be read nevertheless */
    private static Discovery of(
            Server source,
            DatabaseSelection selection,
            List<DatabaseProperties> all,
            Predicate<DatabaseProperties> readable) {
        refuseUnmatched(selection, all);
        List<DatabaseProperties> chosen = new ArrayList<>();
        List<DatabaseProperties> refusing = new ArrayList<>();
        List<DatabaseProperties> bare = new ArrayList<>();
        for (DatabaseProperties database : all) {
            DatabaseName name = database.name();
            // What is left behind is told by a preflight check.
            if (!name.equals(TEMPLATE0)
                    && !database.isInvalid()
                    && selection.selects(name)
                    && (!ServiceDatabases.contains(name) || selection.asksFor(name))) {
                if (!database.allowsConnections() && !readable.test(database)) {
                    refusing.add(database);
                } else if (!name.isBuiltIn()
                        || !database.allowsConnections()
                        || selection.asksFor(name)
                        || TableCatalog.holdsUserObjects(source, name)) {
                    chosen.add(database);
                } else {
                    bare.add(database);
                }
            }
        }
        if (chosen.isEmpty() && refusing.isEmpty() && bare.isEmpty() && selection.isRestricted()) {
            throw nothingSelected(selection);
        }
        chosen.sort(comparator(selection.order()));
        return new Discovery(
                chosen, refusing, all.stream().map(DatabaseProperties::name).toList(), bare);
    }

    /**
     * Has each pattern of --redo mean a database that is moved in this run.
     *
     * @throws PgconvoyException of kind USAGE
     */
    public void refuseUnmatchedRedo(Rerun rerun) {
        Map<DatabaseName, String> unusable = new HashMap<>();
        all.forEach(name -> unusable.put(name, "this run does not move"));
        databases.forEach(database -> unusable.remove(database.name()));
        DatabasePatterns.of(all)
                .otherThan(unusable)
                .check("--redo", rerun.redo())
                .refuseUnmatched();
    }

    /** Each pattern has to mean a database, or it is mistyped, or out of date. */
    private static void refuseUnmatched(DatabaseSelection selection, List<DatabaseProperties> all) {
        Map<DatabaseName, String> unusable = new HashMap<>();
        unusable.put(TEMPLATE0, "is always left out");
        all.stream()
                .filter(DatabaseProperties::isInvalid)
                .forEach(database -> unusable.put(
                        database.name(), "an interrupted DROP DATABASE has left half deleted, so nothing can read it"));
        DatabasePatterns.of(all.stream().map(DatabaseProperties::name).toList())
                .check("--exclude-db", selection.exclude())
                .otherThan(unusable)
                .check("--include-db", selection.include())
                .refuseUnmatched();
    }

    /** Patterns that leave nothing were not meant so; a server without databases of its own has its globals moved. */
    private static PgconvoyException nothingSelected(DatabaseSelection selection) {
        return PgconvoyException.usage(
                "no database of the source is selected: --exclude-db leaves out every one"
                        + (selection.include().isEmpty() ? "" : " that --include-db matches"),
                "Give narrower patterns to --exclude-db.");
    }

    /** Why a database that accepts no connections is not moved, and what to do. */
    public static PgconvoyException refused(DatabaseProperties database) {
        return new PgconvoyException(
                ErrorKind.SOURCE,
                "database \"" + database.name()
                        + "\" accepts no connections (datallowconn is false), so it cannot be dumped",
                ADVICE);
    }

    /** Whether an earlier run has dumped it, so that it need not be connected to. */
    private static boolean isDumped(DatabaseProperties database, JournalStore journal) {
        return journal.database(database.name())
                .read(Step.DUMPED)
                .filter(marker -> marker.databaseOid() == database.oid())
                .isPresent();
    }

    private static Comparator<DatabaseProperties> comparator(DatabaseOrder order) {
        Comparator<DatabaseProperties> bySize = Comparator.comparing(DatabaseProperties::size);
        return switch (order) {
            case SIZE_ASC -> bySize.thenComparing(DatabaseProperties::name);
            case SIZE_DESC -> bySize.reversed().thenComparing(DatabaseProperties::name);
        };
    }

    /** What a killed run has left open counts as it was before. */
    private static List<DatabaseProperties> list(Server source, Map<Long, Integer> limitsBefore) {
        return DatabaseCatalog.list(source).stream()
                .map(database -> Optional.ofNullable(limitsBefore.get(database.oid()))
                        .map(limit -> database.withConnections(false, limit))
                        .orElse(database))
                .toList();
    }
}
