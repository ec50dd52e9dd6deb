package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.SystemObjectTraces;
import io.pgconvoy.catalog.objects.SystemObjectTraces.Trace;
import io.pgconvoy.catalog.objects.SystemObjects;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Objects of users in schemas of the server, and what they changed of its own objects: pg_dump leaves both out. */
public final class SystemObjectsCheck extends DatabaseCheck {
    private static final List<Sign> SIGNS_OF_CHANGES = signs(SystemObjectTraces.CHANGED);

    private Set<String> onTarget;

    public SystemObjectsCheck() {
        super(
                "system-objects",
                "blocker, warning",
                "objects of your own in pg_catalog, information_schema and schemas named `pg_...`, and"
                        + " on the server's own tables and operator families: pg_dump leaves them out, with their"
                        + " rows. Warnings: built-in objects that were changed (functions, views, text search"
                        + " configurations and dictionaries, casts, operators, trusted languages, options and row"
                        + " security of tables), with other owners or comments; privileges on them on a source of"
                        + " 9.5");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        List<Sign> signs = new ArrayList<>(SIGNS_OF_CHANGES);
        signs.addAll(signsOfOwn(context.source().version()));
        if (!context.source().version().isAtLeast(ServerVersion.V9_6)) {
            signs.add(Sign.ALWAYS);
        }
        return signs;
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<String> privileges = database.version().isAtLeast(ServerVersion.V9_6)
                ? List.of()
                : database.session().texts(SystemObjects.privilegesBefore96());
        return onSource(
                blocker(
                                "objects of your own are in schemas that belong to the server: pg_dump leaves them out,"
                                        + " with all their rows",
                                "ALTER ... SET SCHEMA, or make them again on the target and pass --ignore-check "
                                        + name() + ".")
                        .at(places(database, made(context, database))),
                warning(
                                "built-in objects were changed on the source, which pg_dump leaves out",
                                "Change them on the target, too, if you need that.")
                        .at(places(
                                database,
                                database.shows(SIGNS_OF_CHANGES)
                                        ? database.session()
                                                .list(
                                                        SystemObjects.changed(),
                                                        row -> row.getString(1) + " (" + row.getString(2) + ")")
                                        : List.of())),
                warning(
                                "privileges on built-in objects were changed, of which a server before 9.6 keeps no"
                                        + " record: they do not arrive",
                                "GRANT and REVOKE them on the target again.")
                        .at(places(database, privileges)));
    }

    private static List<Sign> signs(List<Trace> traces) {
        return traces.stream()
                .map(trace -> trace.condition().isEmpty()
                        ? Sign.filled(trace.from())
                        : Sign.some(trace.from(), trace.condition()))
                .toList();
    }

    private static List<Sign> signsOfOwn(ServerVersion version) {
        return signs(SystemObjectTraces.made(version));
    }

    private List<String> made(CheckContext context, SourceDatabase database) {
        if (!database.shows(signsOfOwn(database.version()))) {
            return List.of();
        }
        List<String> made = new ArrayList<>(database.session().texts(SystemObjects.made(database.version())));
        if (!made.isEmpty() && onTarget == null) {
            // A managed service has some of its own, on both sides.
            onTarget = new HashSet<>(
                    context.onTarget().texts(SystemObjects.made(context.target().version())));
        }
        if (!made.isEmpty()) {
            made.removeAll(onTarget);
        }
        return made;
    }

    private static List<Place> places(SourceDatabase database, List<String> objects) {
        return objects.stream().sorted().map(object -> database.place(object)).toList();
    }
}
