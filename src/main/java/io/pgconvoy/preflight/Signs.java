package io.pgconvoy.preflight;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.pgconvoy.catalog.objects.SystemObjectTraces;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which of the rare things there are in a database that most checks are about, asked for all checks in one statement. To
 * plan a check's own query costs the server much more than to run it, and in most databases it would find nothing.
 */
final class Signs {
    /** Nothing was asked, so that anything may be there. */
    static final Signs UNKNOWN = new Signs(Map.of());

    private static final String COMMON = "WITH " + SystemObjectTraces.INITDB + " SELECT ";

    private final Map<Sign, Boolean> shown;

    private Signs(Map<Sign, Boolean> shown) {
        this.shown = Map.copyOf(shown);
    }

    /** Asks a database for these, each catalog once. */
    static Signs of(SourceDatabase database, Collection<Sign> signs) {
        if (signs.isEmpty()) {
            return UNKNOWN;
        }
        List<List<Sign>> looks = List.copyOf(signs.stream()
                .distinct()
                .collect(groupingBy(
                        sign -> sign.condition().isEmpty() || sign.byIndex() ? sign : sign.from(),
                        LinkedHashMap::new,
                        Collectors.<Sign>toList()))
                .values());
        String sql = looks.stream().map(Signs::look).collect(joining(",\n       ", COMMON, ""));
        Map<Sign, Boolean> shown = new HashMap<>();
        database.session().each(sql, row -> {
            for (int look = 0; look < looks.size(); look++) {
                String[] answers =
                        row.getString(look + 1).replaceAll("[{}]", "").split(",", -1);
                for (int sign = 0; sign < answers.length; sign++) {
                    shown.put(looks.get(look).get(sign), answers[sign].equals("t"));
                }
            }
        });
        return new Signs(shown);
    }

    /** A column that answers for what is looked for in one catalog; an array, with nulls where that is empty, if several. */
    private static String look(List<Sign> signs) {
        Sign first = signs.get(0);
        if (first.condition().isEmpty()) {
            return "pg_relation_size('" + first.from() + "', 'main') > 0";
        }
        return signs.size() == 1
                ? "EXISTS (SELECT FROM " + first.from() + " WHERE " + first.condition() + ")"
                : signs.stream()
                        .map(sign -> "bool_or(" + sign.condition() + ")")
                        .collect(joining(", ", "(SELECT ARRAY[", "] FROM " + first.from() + ")"));
    }

    /** Whether there is one of them, or may be one as it was not asked for. */
    boolean show(Collection<Sign> signs) {
        return signs.isEmpty() || signs.stream().anyMatch(sign -> shown.getOrDefault(sign, true));
    }
}
