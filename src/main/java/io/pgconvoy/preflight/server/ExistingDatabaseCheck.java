package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.PreflightChecks;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Databases on the target that have a source database's name and are not this migration's. What it says is said again,
 * under the journal's lock, before anything is changed.
 */
public final class ExistingDatabaseCheck extends ServerCheck {
    public ExistingDatabaseCheck() {
        super(
                PreflightChecks.EXISTING_DATABASES,
                "blocker, warning",
                "databases on the target that are not this migration's; with `--drop-existing` what will"
                        + " be dropped, who is connected to it, and what keeps it from being dropped");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Server target = context.target().server();
        List<DatabaseName> filled = new ArrayList<>();
        List<DatabaseName> ours = new ArrayList<>();
        List<DatabaseName> foreign = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        for (DatabaseName name : foreign(context)) {
            Optional<String> known = madeByOther(context, name);
            if (known.isPresent() && !context.config().dropExisting()) {
                findings.add(madeByOther(name, known.get()));
            } else if (name.isBuiltIn()) {
                if (TableCatalog.holdsUserObjects(target, name)) {
                    filled.add(name);
                }
            } else if (name.equals(target.endpoint().database())) {
                ours.add(name);
            } else {
                foreign.add(name);
            }
        }
        boolean drops = context.config().dropExisting();
        findings.addAll(onTarget(
                blocker(
                                target.label()
                                        + " has a built-in database that is to be filled and holds user objects already",
                                "Drop these objects, or leave the database out with --exclude-db.")
                        .at(places(filled)),
                blocker(
                                "--to-db is a database that is to be moved",
                                "Name another one in --to-db, postgres, say, or leave this one out with --exclude-db.")
                        .at(places(ours)),
                (drops
                                ? warning(
                                        target.label()
                                                + " has databases that this migration did not create; they will be"
                                                + " dropped, as --drop-existing says",
                                        "Leave out with --exclude-db what is to stay.")
                                : blocker(
                                        target.label() + " already has databases that this migration did not create",
                                        "Leave them out with --exclude-db, or move or drop them. If an earlier run made them,"
                                                + " its journal is in another --state-dir: give that one. --drop-existing"
                                                + " drops them."))
                        .at(places(foreign))));
        if (drops) {
            findings.addAll(hindrances(context, foreign));
        }
        return findings;
    }

    private static List<Place> places(List<DatabaseName> databases) {
        return databases.stream().map(Place::of).toList();
    }

    private Finding madeByOther(DatabaseName name, String journal) {
        return blocker(
                        "a database of that name was made by the migration in " + journal,
                        "Go on with that one: give the --from-... and --to-... options that it was begun with. To move"
                                + " another database of that name, leave this one out with --exclude-db, or rename one of"
                                + " them.")
                .on(Side.TARGET)
                .at(List.of(Place.of(name)));
    }

    private static Optional<String> madeByOther(CheckContext context, DatabaseName name) {
        return context.madeByOthers().isEmpty()
                ? Optional.empty()
                : context.onTarget()
                        .first(
                                "SELECT oid::bigint FROM pg_database WHERE datname = ?",
                                row -> context.madeByOthers().get(row.getLong(1)),
                                name.value());
    }

    /** Those of the source's names that the target has, other than those that an earlier run made. */
    private static List<DatabaseName> foreign(CheckContext context) {
        Set<String> wanted = new HashSet<>(context.names());
        return context
                .onTarget()
                .list(
                        "SELECT oid::bigint, datname FROM pg_database ORDER BY datname",
                        row -> context.made().contains(row.getLong(1)) ? "" : row.getString(2))
                .stream()
                .filter(wanted::contains)
                .map(DatabaseName::new)
                .toList();
    }

    /** What keeps a database from being dropped, or would be cut off. */
    private List<Finding> hindrances(CheckContext context, List<DatabaseName> databases) {
        List<String> names = databases.stream().map(DatabaseName::value).toList();
        boolean typed = context.target().version().isAtLeast(ServerVersion.V10);
        return onTarget(
                blocker(
                                "there are prepared transactions in databases that are to be dropped",
                                "COMMIT PREPARED or ROLLBACK PREPARED them in their database: until then it cannot be"
                                        + " dropped.")
                        .at(places(context, names, """
                                SELECT database, '''' || gid || ''''
                                  FROM pg_prepared_xacts WHERE database = ANY (?) ORDER BY database, gid
                                """)),
                blocker(
                                "there are replication slots in use in databases that are to be dropped",
                                "Stop their readers: until then the database cannot be dropped.")
                        .at(places(context, names, """
                                SELECT database, 'slot ' || slot_name FROM pg_replication_slots
                                 WHERE active AND database = ANY (?) ORDER BY database, slot_name
                                """)),
                warning(
                                "somebody is connected to databases that are to be dropped, and will be cut off",
                                "Make sure that nobody needs them any more.")
                        .at(places(context, names, """
                                SELECT datname, count(*) || CASE count(*) WHEN 1 THEN ' session' ELSE ' sessions' END
                                  FROM pg_stat_activity
                                 WHERE datname = ANY (?) AND pid <> pg_backend_pid() %s
                                 GROUP BY datname ORDER BY datname
                                """.formatted(typed ? "AND backend_type = 'client backend'" : ""))));
    }

    private static List<Place> places(CheckContext context, List<String> names, String query) {
        return context.onTarget()
                .list(query, row -> Place.of(new DatabaseName(row.getString(1)), row.getString(2)), names);
    }
}
