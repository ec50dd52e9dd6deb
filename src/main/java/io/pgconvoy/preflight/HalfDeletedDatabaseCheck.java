package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.SQLException;
import java.util.List;

/**
 * Databases that an interrupted DROP DATABASE left: their connection limit is -2, nobody can connect to them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-dropdatabase.html">DROP DATABASE</a>
 */
final class HalfDeletedDatabaseCheck implements ServerCheck {
    @Override
    public String name() {
        return "half-deleted-databases";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Place> places = UserObjects.column(situation.source().connection(), """
                SELECT datname FROM pg_database WHERE datconnlimit = -2 ORDER BY 1
                """).stream()
                .map(name -> Place.of(new DatabaseName(name)))
                .toList();
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                this,
                                "databases that an interrupted DROP DATABASE made unusable are left behind",
                                "DROP DATABASE them once more.")
                        .on(Side.SOURCE)
                        .at(places));
    }
}
