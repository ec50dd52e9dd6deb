package io.pgconvoy.preflight;

import io.pgconvoy.postgres.ServerVersion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Procedural languages that were made without an extension, as was usual up to 9.x, and that the target cannot make as one:
 * plpythonu and plpython2u, which 15 gave up, above all. pg_dump writes {@code CREATE LANGUAGE name}, which is
 * CREATE EXTENSION since 13. Languages that extensions brought go with the extensions.
 */
final class LanguagesCheck implements DatabaseCheck {
    private Set<String> available;

    @Override
    public String name() {
        return "languages";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        if (!situation.target().version().isAtLeast(ServerVersion.V13)) {
            return List.of(); // There, pg_pltemplate may know the language.
        }
        if (available == null) {
            available = new HashSet<>();
            try (Statement statement = situation.target().connection().createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT name FROM pg_available_extensions UNION SELECT lanname FROM pg_language")) {
                while (row.next()) {
                    available.add(row.getString(1));
                }
            }
        }
        // A handler in pg_catalog is one that CREATE LANGUAGE made by itself.
        var places = RestoreFailure.places(database, """
                        SELECT l.lanname
                          FROM pg_language l
                          JOIN pg_proc h ON h.oid = l.lanplcallfoid
                          JOIN pg_namespace n ON n.oid = h.pronamespace
                         WHERE l.lanispl AND n.nspname = 'pg_catalog'
                           AND NOT EXISTS (SELECT FROM pg_depend d
                                            WHERE d.classid = 'pg_language'::regclass AND d.objid = l.oid
                                              AND d.deptype = 'e')
                         ORDER BY 1
                        """).stream()
                .filter(place -> !available.contains(place.object().orElseThrow()))
                .map(place -> Finding.Place.of(
                        database.name(), "language " + place.object().orElseThrow()))
                .toList();
        return RestoreFailure.findings(
                this,
                situation,
                situation.target().label() + " has no such procedural languages",
                places,
                "Install them there, or move the functions to another language (plpython3u) and DROP LANGUAGE on the source"
                        + " before.");
    }
}
