package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.objects.Builtins;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Functions whose text mentions something that the target no longer has built in. They arrive, as no one looks into them when
 * they are created, and fail when they are called. Words are all that is looked at, so some may be there by chance.
 */
public final class FunctionTextsCheck extends DatabaseCheck {
    /** Names that are words of everyday life, too. */
    private static final Set<String> COMMON = Set.of("opaque", "smgr", "point");

    private final BuiltinComparison builtins;

    /** Single words that say enough, in lower case, with how to call what they mean. */
    private Map<String, String> words;

    /** Columns that say enough where their relation is mentioned too. */
    private Map<String, Set<String>> columns;

    public FunctionTextsCheck(BuiltinComparison builtins) {
        super(
                "function-texts",
                "warning",
                "any two versions: functions whose text mentions, word by word, what the target no"
                        + " longer has built in");
        this.builtins = builtins;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.FUNCTIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (words == null) {
            learn(context);
        }
        Set<String> sought = new TreeSet<>(words.keySet());
        columns.forEach((relation, names) -> {
            sought.add(relation);
            sought.addAll(names);
        });
        if (sought.isEmpty()) {
            return List.of();
        }
        String pattern =
                sought.stream().map(FunctionTextsCheck::escaped).collect(Collectors.joining("|", "\\m(", ")\\M"));
        List<Place> places = database.places(
                """
                        SELECT i.type || ' ' || i.identity,
                               ARRAY(SELECT DISTINCT lower(m[1]) FROM regexp_matches(p.prosrc, ?, 'gi') AS m)
                          FROM pg_proc p
                          JOIN pg_language l ON l.oid = p.prolang
                         CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS i
                         WHERE l.lanname NOT IN ('c', 'internal') AND p.prosrc ~* ? AND {made pg_proc p.oid}
                         ORDER BY 1
                        """,
                row -> {
                    Set<String> meant = meant(Set.copyOf(row.texts(2)));
                    return Optional.of(row.getString(1) + " (" + String.join(", ", meant) + ")")
                            .filter(function -> !meant.isEmpty());
                },
                pattern,
                pattern);
        return found(warning(
                        "functions mention what PostgreSQL "
                                + context.target().version().majorText()
                                + " no longer has; they arrive, but will fail when they are called",
                        "Rewrite them, best before the migration. Only words were looked for, so some may mean"
                                + " something else.")
                .at(places));
    }

    private Set<String> meant(Set<String> mentioned) {
        Set<String> meant = new TreeSet<>();
        for (String word : mentioned) {
            if (words.containsKey(word)) {
                meant.add(words.get(word));
            }
            columns.getOrDefault(word, Set.of()).stream()
                    .filter(mentioned::contains)
                    .forEach(column -> meant.add(word + "." + column));
        }
        return meant;
    }

    private void learn(CheckContext context) {
        Builtins source = builtins.source(context);
        Builtins target = builtins.target(context);
        words = new TreeMap<>();
        columns = new TreeMap<>();
        RemovedBuiltins.lost(source.functions(), target.functions(), Builtins.Function::name)
                .forEach(function -> words.put(function.name(), function.name() + "()"));
        RemovedBuiltins.lost(source.types(), target.types(), Builtins.Type::name)
                .map(Builtins.Type::name)
                .filter(name -> !name.startsWith("_"))
                .forEach(name -> words.put(name, name));
        words.keySet().removeAll(COMMON);
        Set<String> types = target.types().stream().map(Builtins.Type::name).collect(Collectors.toSet());
        RemovedBuiltins.lost(
                        source.columns(), target.columns(), column -> List.of(column.relationName(), column.name()))
                .filter(column -> types.contains(column.relationName()))
                .forEach(column -> columns.computeIfAbsent(column.relationName(), none -> new TreeSet<>())
                        .add(column.name()));
    }

    private static String escaped(String word) {
        return Pattern.compile("[^\\p{L}\\p{N}_]")
                .matcher(word.toLowerCase(Locale.ROOT))
                .replaceAll("\\\\$0");
    }
}
