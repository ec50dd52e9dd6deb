package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import java.util.List;

/** The databases that are to be moved, as parameters of a query. */
final class Databases {
    private Databases() {}

    static List<String> names(Situation situation) {
        return situation.databases().stream()
                .map(database -> database.name().value())
                .toList();
    }

    /** Their OIDs on the source. */
    static Long[] oids(Situation situation) {
        return situation.databases().stream().map(DatabaseProperties::oid).toArray(Long[]::new);
    }
}
