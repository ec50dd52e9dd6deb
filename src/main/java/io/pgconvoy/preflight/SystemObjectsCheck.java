package io.pgconvoy.preflight;

import io.pgconvoy.catalog.SystemObjects;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Objects of users in schemas of the server, and what they changed of its own objects: pg_dump leaves both out. */
final class SystemObjectsCheck implements DatabaseCheck {
    private Set<String> onTarget;

    @Override
    public String name() {
        return "system-objects";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<String> privileges = database.version().isAtLeast(ServerVersion.V9_6)
                ? List.of()
                : Rows.texts(database.connection(), SystemObjects.privilegesBefore96());
        return Stream.of(
                        Finding.blocker(
                                        name(),
                                        "objects of your own are in schemas that belong to the server: pg_dump leaves them out,"
                                                + " with all their rows",
                                        "ALTER ... SET SCHEMA, or make them again on the target and pass --ignore-check "
                                                + name() + ".")
                                .at(places(database, made(situation, database))),
                        Finding.warning(
                                        name(),
                                        "built-in objects were changed on the source, which pg_dump leaves out",
                                        "Change them on the target, too, if you need that.")
                                .at(places(
                                        database,
                                        Rows.list(
                                                database.connection(),
                                                SystemObjects.changed(),
                                                row -> row.getString(1) + " (" + row.getString(2) + ")"))),
                        Finding.warning(
                                        name(),
                                        "privileges on built-in objects were changed, of which a server before 9.6 keeps no"
                                                + " record: they do not arrive",
                                        "GRANT and REVOKE them on the target again.")
                                .at(places(database, privileges)))
                .filter(finding -> !finding.places().isEmpty())
                .map(finding -> finding.on(Side.SOURCE))
                .toList();
    }

    private List<String> made(Situation situation, SourceDatabase database) throws SQLException {
        List<String> made = new ArrayList<>(Rows.texts(database.connection(), SystemObjects.made(database.version())));
        if (!made.isEmpty() && onTarget == null) {
            // A managed service has some of its own, on both sides.
            onTarget = new HashSet<>(Rows.texts(
                    situation.target().connection(),
                    SystemObjects.made(situation.target().version())));
        }
        if (!made.isEmpty()) {
            made.removeAll(onTarget);
        }
        return made;
    }

    private static List<Place> places(SourceDatabase database, List<String> objects) {
        return objects.stream()
                .sorted()
                .map(object -> Place.of(database.name(), object))
                .toList();
    }
}
