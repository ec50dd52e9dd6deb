package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.List;

/** A check that asks each database one question and says one thing about all objects that are the answer. */
abstract class ObjectCheck implements DatabaseCheck {
    /** Whether there can be such objects, and whether they matter. */
    boolean applies(Situation situation) {
        return true;
    }

    /** A query of one column: each object's kind and name. */
    abstract String query(Situation situation);

    /** What is to be said, without the places. */
    abstract Finding finding(Situation situation);

    @Override
    public final List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (!applies(situation)) {
            return List.of();
        }
        List<Place> places = UserObjects.places(database, query(situation));
        return places.isEmpty()
                ? List.of()
                : List.of(finding(situation).on(Side.SOURCE).at(places));
    }
}
