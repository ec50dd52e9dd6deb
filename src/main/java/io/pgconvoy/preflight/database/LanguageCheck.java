package io.pgconvoy.preflight.database;

import io.pgconvoy.model.Finding;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Set;

/**
 * Procedural languages that no extension made, as before 9.1 and by CREATE LANGUAGE until 12: since 13 that statement means
 * CREATE EXTENSION, so the target needs an extension of that name. Languages with a handler of their user's own are a
 * matter of its library.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createlanguage.html">CREATE LANGUAGE</a>
 */
public final class LanguageCheck extends DatabaseCheck {
    private final Extensions extensions;

    public LanguageCheck(Extensions extensions) {
        super("languages", "blocker\\*", "procedural languages without an extension that the target does not have");
        this.extensions = extensions;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.some("pg_language", "lanispl AND (oid >= 16384 OR lanname <> 'plpgsql')"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        Set<String> known = extensions.onTarget(context).keySet();
        return database.list("""
                        SELECT l.lanname
                          FROM pg_language AS l
                          JOIN pg_proc AS p ON p.oid = l.lanplcallfoid
                         WHERE l.lanispl AND p.pronamespace = 'pg_catalog'::regnamespace AND {own pg_language l.oid}
                         ORDER BY 1
                        """, row -> row.getString(1)).stream()
                .filter(language -> !known.contains(language))
                .map(language -> refused(
                                context,
                                "the target has no procedural language " + language,
                                KnownExtensions.whatToDo(
                                        language, context.target().version()))
                        .at(database.itself()))
                .toList();
    }
}
