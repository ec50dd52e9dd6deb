package io.pgconvoy.plan;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Glob;
import io.pgconvoy.config.TablePattern;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** Which names may have been meant by one that means nothing: a handful, the nearest first, none that is far off. */
public final class NearMisses {
    private static final int MOST = 5;

    /** From 0, nothing in common, to 1, the same: at 0.8 {@code ordrs} and {@code orders} are near, {@code users} is not. */
    private static final double NEAR = 0.8;

    /** Options' names have much in common, as in from-host and from-port. */
    private static final double NEAR_WORD = 0.9;

    private static final int MOST_WORDS = 3;

    private NearMisses() {}

    /** Tables and partitioned tables that are near to a pattern, each as a pattern that names it alone. */
    public static List<String> ofTables(TablePattern pattern, Collection<DeferrableTable> tables) {
        Optional<String> schema = pattern.schema().map(NearMisses::folded);
        Glob glob = Glob.parse("", folded(pattern.table().toString()));
        String text = withoutWildcards(glob);
        return tables.stream()
                .flatMap(NearMisses::names)
                .distinct()
                .map(name -> {
                    double table = glob.matches(folded(name.table())) ? 1 : similarity(text, folded(name.table()));
                    double home = schema.map(asked -> similarity(asked, folded(name.schema())))
                            .orElse(1.0);
                    // A table by that name in quite another schema is near; a pattern for all of a schema is not.
                    boolean near = text.isEmpty() ? home >= NEAR : table >= NEAR;
                    String label = TablePattern.of(pattern.database(), name.schema(), name.table());
                    return new Candidate<>(label, near ? table + home : 0);
                })
                .filter(candidate -> candidate.nearness() > 0)
                .sorted(Candidate.nearestFirst())
                .limit(MOST)
                .map(Candidate::name)
                .toList();
    }

    /** Words that are near to a wrong one, such as options' names. */
    public static List<String> of(String wrong, Collection<String> words) {
        return words.stream()
                .map(word -> new Candidate<>(word, similarity(folded(wrong), folded(word))))
                .filter(candidate -> candidate.nearness() >= NEAR_WORD)
                .sorted(Candidate.nearestFirst())
                .limit(MOST_WORDS)
                .map(Candidate::name)
                .toList();
    }

    /** Databases whose names are near to one that does not exist. */
    public static List<DatabaseName> ofDatabases(DatabaseName wrong, Collection<DatabaseName> databases) {
        return databases.stream()
                .map(name -> new Candidate<>(name, similarity(folded(wrong.value()), folded(name.value()))))
                .filter(candidate -> candidate.nearness() >= NEAR)
                .sorted(Candidate.nearestFirst())
                .limit(MOST)
                .map(Candidate::name)
                .toList();
    }

    /** Databases whose names are near to a pattern that matches none; those that differ in case first. */
    public static List<DatabaseName> ofDatabases(Glob pattern, Collection<DatabaseName> databases) {
        Glob glob = Glob.parse("", folded(pattern.toString()));
        String text = withoutWildcards(glob);
        return databases.stream()
                .map(name -> new Candidate<>(
                        name, glob.matches(folded(name.value())) ? 1 : similarity(text, folded(name.value()))))
                .filter(candidate -> candidate.nearness() >= NEAR)
                .sorted(Candidate.nearestFirst())
                .limit(MOST)
                .map(Candidate::name)
                .toList();
    }

    /** What is left of a pattern as a name. */
    private static String withoutWildcards(Glob glob) {
        return glob.toString().replaceAll("\\\\(.)|[*?]", "$1");
    }

    private static Stream<TableName> names(DeferrableTable table) {
        return Stream.concat(
                Stream.of(new TableName(table.schema(), table.name())),
                table.ancestors().stream().map(ancestor -> new TableName(ancestor.schema(), ancestor.name())));
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** By common letters and a common beginning; a name within the other one is near, too. */
    private static double similarity(String one, String other) {
        double similarity = new JaroWinklerSimilarity().apply(one, other);
        boolean within = Math.min(one.length(), other.length()) >= 4 && (one.contains(other) || other.contains(one));
        return within ? Math.max(similarity, NEAR) : similarity;
    }

    private record TableName(String schema, String table) {}

    private record Candidate<T extends Comparable<? super T>>(T name, double nearness) {
        static <T extends Comparable<? super T>> Comparator<Candidate<T>> nearestFirst() {
            return Comparator.comparingDouble((Candidate<T> candidate) -> -candidate.nearness())
                    .thenComparing(Candidate::name);
        }
    }
}
