package io.pgconvoy.plan;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Glob;
import io.pgconvoy.config.PgconvoyException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses patterns that match no database. A name that is mistyped, or of a database that is gone, must never be read as
 * "there is nothing to do".
 */
public final class DatabasePatterns {
    private static final int MOST_NAMED = 10;

    /** What separates names in other programs' options. */
    private static final Pattern SEPARATORS = Pattern.compile("[,;|{}\\s]+");

    /** What is special in a shell's patterns, in regular expressions or in LIKE, and means itself here. */
    private static final Pattern SPECIAL_ELSEWHERE = Pattern.compile("[\\[\\]{}()^$|%+!]|\\.\\*");

    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_.:/@-]+");

    private final Collection<DatabaseName> databases;
    private final Map<DatabaseName, String> unusable;
    private final List<String> wrong = new ArrayList<>();
    private final Set<String> hints = new LinkedHashSet<>();

    private DatabasePatterns(Collection<DatabaseName> databases, Map<DatabaseName, String> unusable) {
        this.databases = databases;
        this.unusable = unusable;
    }

    /** Looks at patterns of these databases, which the source has. */
    public static DatabasePatterns of(Collection<DatabaseName> databases) {
        return new DatabasePatterns(databases, Map.of());
    }

    /**
     * The same for patterns that must match something else than these databases.
     *
     * @param why by name, the end of a sentence: {@code is never moved}
     */
    public DatabasePatterns otherThan(Map<DatabaseName, String> why) {
        DatabasePatterns patterns = new DatabasePatterns(databases, Map.copyOf(why));
        patterns.wrong.addAll(wrong);
        patterns.hints.addAll(hints);
        return patterns;
    }

    /** Has each of an option's patterns matched, and keeps in mind which match nothing. */
    public DatabasePatterns check(String option, List<Glob> patterns) {
        for (Glob pattern : patterns) {
            if (databases.stream().noneMatch(name -> !unusable.containsKey(name) && pattern.matches(name.value()))) {
                Optional<DatabaseName> useless = databases.stream()
                        .filter(name -> pattern.matches(name.value()))
                        .findFirst();
                if (useless.isPresent()) {
                    wrong.add(option + ": '" + pattern + "' matches only database \"" + useless.get() + "\", which "
                            + unusable.get(useless.get()));
                } else {
                    wrong.add(option + ": no database of the source matches '" + pattern + "'");
                    advise(option, pattern);
                }
            }
        }
        return this;
    }

    /**
     * Stops here where a pattern matched nothing.
     *
     * @throws PgconvoyException of kind USAGE that names each such pattern, and near names
     */
    public void refuseUnmatched() {
        if (!wrong.isEmpty()) {
            hints.add("Leave a pattern out whose database is gone.");
            throw PgconvoyException.usage(String.join("; ", wrong), String.join(" ", hints));
        }
    }

    private void advise(String option, Glob pattern) {
        String text = pattern.toString();
        List<String> several = names(text);
        if (several.size() > 1 && several.stream().anyMatch(this::matchesAny)) {
            hints.add("Several names are several options: "
                    + several.stream().map(name -> option + " " + quoted(name)).collect(Collectors.joining(" ")) + ".");
        } else {
            List<DatabaseName> near = NearMisses.ofDatabases(pattern, databases);
            hints.add(near.isEmpty() ? present() : "Near '" + text + "': " + list(near, name -> true) + ".");
            if (near.stream().anyMatch(name -> name.value().equalsIgnoreCase(text))) {
                hints.add("Upper and lower case differ.");
            }
        }
        if (SPECIAL_ELSEWHERE.matcher(text).find()) {
            hints.add("Only * and ? are special in a pattern.");
        }
    }

    private boolean matchesAny(String text) {
        return !text.endsWith("\\")
                && databases.stream().anyMatch(name -> Glob.parse("", text).matches(name.value()));
    }

    private static List<String> names(String text) {
        return Stream.of(SEPARATORS.split(text)).filter(name -> !name.isEmpty()).toList();
    }

    private String present() {
        return databases.isEmpty()
                ? "The source has no databases."
                : "The source has " + list(databases, name -> !unusable.containsKey(name)) + ".";
    }

    private static String list(Collection<DatabaseName> names, Predicate<DatabaseName> which) {
        List<String> texts = names.stream()
                .filter(which)
                .map(DatabaseName::value)
                .sorted()
                .map(DatabasePatterns::quoted)
                .toList();
        String first = texts.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return texts.size() > MOST_NAMED ? first + " and " + (texts.size() - MOST_NAMED) + " more" : first;
    }

    /** As a shell takes it. */
    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() ? name : "'" + name.replace("'", "'\\''") + "'";
    }
}
