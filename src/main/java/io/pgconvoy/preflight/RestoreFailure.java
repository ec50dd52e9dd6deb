package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What pg_restore will certainly fail to make on the target. */
final class RestoreFailure {
    private RestoreFailure() {}

    /** A blocker; a warning where the user has accepted such errors. Empty where there are no places. */
    static List<Finding> findings(Check check, Situation situation, String what, List<Place> places, String advice) {
        if (places.isEmpty()) {
            return List.of();
        }
        Finding finding = Finding.blocker(check, what, advice).at(places);
        return List.of(situation.config().allowRestoreErrors() ? finding.as(Finding.Severity.WARNING) : finding);
    }

    /** The first column of a query's rows, each as the name of an object in this database. */
    static List<Place> places(SourceDatabase database, String query) throws SQLException {
        return places(database.name(), database.connection(), query);
    }

    private static List<Place> places(DatabaseName database, Connection connection, String query) throws SQLException {
        List<Place> places = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                places.add(Place.of(database, row.getString(1)));
            }
        }
        return places;
    }
}
