package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Databases on the target that are none of this migration's: a crash while fsync is off would take them along. */
final class OtherDatabaseCheck implements ServerCheck {
    @Override
    public String name() {
        return "other-databases";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        if (!situation.config().tuneTarget() || !situation.target().status().superuser()) {
            return List.of();
        }
        Set<String> wanted = new HashSet<>(Databases.names(situation));
        // Half made ones of this program have its name; ExistingDatabaseCheck has told of those of the source's names.
        List<Place> places = Rows.list(
                        situation.target().connection(),
                        """
                        SELECT oid::bigint, datname FROM pg_database
                         WHERE datname NOT IN ('postgres', 'template0', 'template1') AND datname !~ '^pgconvoy_'
                         ORDER BY datname
                        """,
                        row -> situation.made().contains(row.getLong(1)) ? "" : row.getString(2))
                .stream()
                .filter(name -> !name.isEmpty() && !wanted.contains(name))
                .map(name -> Place.of(new DatabaseName(name)))
                .toList();
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.note(
                                name(),
                                situation.target().label()
                                        + " also holds other databases, for whose sake fsync stays on,"
                                        + " so that the load takes longer",
                                "Nothing has to be done; a server of its own would be filled faster.")
                        .on(Side.TARGET)
                        .at(places));
    }
}
