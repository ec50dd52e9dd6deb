package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Procedural languages that no extension made, as before 9.1 and by CREATE LANGUAGE until 12: since 13 that statement means
 * CREATE EXTENSION, so the target needs an extension of that name. Languages with a handler of their user's own are a
 * matter of its library.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createlanguage.html">CREATE LANGUAGE</a>
 */
final class LanguageCheck implements DatabaseCheck {
    private final Extensions extensions;

    LanguageCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return "languages";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<String> languages = UserObjects.column(
                database.connection(), """
                SELECT l.lanname
                  FROM pg_language AS l
                  JOIN pg_proc AS p ON p.oid = l.lanplcallfoid
                 WHERE l.lanispl AND p.pronamespace = 'pg_catalog'::regnamespace AND %s
                 ORDER BY 1
                """.formatted(UserObjects.notOfExtension("pg_language", "l.oid")));
        Set<String> known = extensions.onTarget(situation).keySet();
        List<Finding> findings = new ArrayList<>();
        for (String language : languages) {
            if (!known.contains(language)) {
                findings.add(Finding.warning(
                                name(),
                                "the target has no procedural language " + language,
                                KnownExtensions.whatToDo(
                                        language, situation.target().version()))
                        .as(RestoreErrors.severity(situation))
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }
}
