package io.pgconvoy.preflight.removed;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Views that call a function which returns sets within CASE or COALESCE: 10 does not accept them.
 *
 * @see <a href="https://www.postgresql.org/docs/release/10.0/">Release notes of 10, "Change the implementation of
 *     set-returning functions appearing in a query's SELECT list"</a>
 */
public final class ConditionalSetsCheck extends DatabaseCheck {
    public ConditionalSetsCheck() {
        super(
                "conditional-sets",
                "blocker\\*",
                "9.x to 10 and later: views that call a set-returning function within CASE or COALESCE");
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return context.source().version().isAtLeast(ServerVersion.V10)
                ? List.of()
                : List.of(Sign.some("pg_rewrite", "oid >= 16384 AND strpos(ev_action::text, 'retset true') > 0"));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (database.version().isAtLeast(ServerVersion.V10)
                || !context.target().version().isAtLeast(ServerVersion.V10)) {
            return List.of();
        }
        List<Place> places = database.places("""
                        SELECT i.type || ' ' || i.identity, r.ev_action::text
                          FROM pg_rewrite r
                         CROSS JOIN LATERAL pg_identify_object(
                               CASE WHEN r.rulename = '_RETURN' THEN 'pg_class'::regclass ELSE 'pg_rewrite'::regclass END,
                               CASE WHEN r.rulename = '_RETURN' THEN r.ev_class ELSE r.oid END, 0) AS i
                         WHERE r.oid >= 16384 AND strpos(r.ev_action::text, 'retset true') > 0
                           AND r.ev_action::text ~ '{(CASE|COALESCE) ' AND {own pg_class r.ev_class}
                         ORDER BY 1
                        """, row -> row.text(1).filter(object -> conditional(row.getString(2))));
        return found(refused(
                        context,
                        "functions that return sets are called within CASE or COALESCE, which PostgreSQL 10 and later refuse",
                        "Rewrite them on the source before, with the function in FROM: ... CROSS JOIN LATERAL"
                                + " generate_series(...).")
                .at(places));
    }

    /** Whether a stored tree has such a call. Its nodes are written as {@code {NAME :field value ...}}. */
    static boolean conditional(String tree) {
        Deque<String> nodes = new ArrayDeque<>();
        for (int position = 0; position < tree.length(); position++) {
            char character = tree.charAt(position);
            if (character == '\\') {
                position++;
            } else if (character == '{') {
                int end = position + 1;
                while (end < tree.length() && Character.isUpperCase(tree.charAt(end))) {
                    end++;
                }
                nodes.push(tree.substring(position + 1, end));
            } else if (character == '}') {
                nodes.poll();
            } else if (character == ':'
                    && (tree.startsWith(":funcretset true", position) || tree.startsWith(":opretset true", position))
                    && insideCondition(nodes)) {
                return true;
            }
        }
        return false;
    }

    private static boolean insideCondition(Deque<String> nodes) {
        for (String node : nodes) {
            switch (node) {
                case "CASE", "COALESCE" -> {
                    return true;
                }
                case "QUERY", "RTE", "RANGETBLFUNCTION" -> {
                    return false;
                }
                default -> {
                    continue;
                }
            }
        }
        return false;
    }
}
