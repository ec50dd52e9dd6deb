package io.pgconvoy.preflight.server;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Databases on the target that are none of this migration's: a crash while fsync is off would take them along. */
public final class OtherDatabaseCheck extends ServerCheck {
    public OtherDatabaseCheck() {
        super("other-databases", "note", "other databases on the target, for whose sake fsync stays on");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        if (!context.config().tuneTarget() || !context.target().status().superuser()) {
            return List.of();
        }
        Set<String> wanted = new HashSet<>(context.names());
        // Half made ones of this program have its name; ExistingDatabaseCheck has told of those of the source's names.
        List<Place> places =
                context
                        .onTarget()
                        .list("""
                        SELECT oid::bigint, datname FROM pg_database
                         WHERE datname NOT IN ('postgres', 'template0', 'template1') AND datname !~ '^pgconvoy_'
                         ORDER BY datname
                        """, row -> context.made().contains(row.getLong(1)) ? "" : row.getString(2))
                        .stream()
                        .filter(name -> !name.isEmpty() && !wanted.contains(name))
                        .map(name -> Place.of(new DatabaseName(name)))
                        .toList();
        return onTarget(note(
                        context.target().label()
                                + " also holds other databases, for whose sake fsync stays on,"
                                + " so that the load takes longer",
                        "Nothing has to be done; a server of its own would be filled faster.")
                .at(places));
    }
}
