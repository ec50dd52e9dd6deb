package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.removed.RemovedFeatures;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all the checks of {@link RemovedFeatures} say about one database. */
final class RemovedFeatureRun {
    private RemovedFeatureRun() {}

    /** Severity and check, as in {@code BLOCKER languages}, with the objects, sorted. */
    static Map<String, List<String>> run(CheckRun run, String database) throws SQLException {
        Map<String, List<String>> found = new TreeMap<>();
        for (DatabaseCheck check : RemovedFeatures.all()) {
            for (Finding finding : run.run(check, database)) {
                List<String> objects =
                        found.computeIfAbsent(finding.severity() + " " + finding.check(), none -> new ArrayList<>());
                finding.places().forEach(place -> objects.add(place.object().orElseThrow()));
                objects.sort(null);
            }
        }
        return found;
    }
}
