package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.objects.SystemObjectTraces;
import io.pgconvoy.catalog.objects.SystemObjectTraces.Trace;
import io.pgconvoy.catalog.objects.SystemObjects;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What users made in the server's own schemas, and what they changed of its objects. What is on the target only counts for
 * nothing: a managed service has objects of its own there.
 */
public final class SystemObjectDifferences {
    /** The kind of objects in the server's own schemas. */
    public static final String MADE = "object in a schema of the server";

    /** The kind of the server's own objects that were changed. */
    public static final String CHANGED = "changed built-in object";

    static final Set<String> KINDS = Set.of(MADE, CHANGED);

    private SystemObjectDifferences() {}

    static List<CatalogQuery> queries(ServerVersion version) {
        return List.of(
                CatalogQuery.all("SELECT '" + MADE + "'::text, q.identity FROM (" + SystemObjects.made(version)
                                + ") AS q")
                        .onlyIf(isThere(SystemObjectTraces.made(version))),
                // One row for each object, as a row's columns are its attributes.
                CatalogQuery.all("SELECT '" + CHANGED
                                + "'::text, q.identity, max(CASE q.what WHEN 'definition' THEN q.value END)"
                                + " AS digest, max(CASE q.what WHEN 'owner' THEN q.value END) AS owner,"
                                + " max(CASE q.what WHEN 'comment' THEN q.value END) AS comment FROM ("
                                + SystemObjects.changed()
                                + ") AS q GROUP BY q.identity")
                        .onlyIf(isThere(SystemObjectTraces.CHANGED)));
    }

    private static String isThere(List<Trace> traces) {
        return traces.stream()
                .map(trace -> trace.condition().isEmpty()
                        ? "pg_relation_size('" + trace.from() + "', 'main') > 0"
                        : "EXISTS (SELECT FROM " + trace.from() + " WHERE " + trace.condition() + ")")
                .collect(Collectors.joining(" OR "));
    }

    static boolean isAnsweredBy(CatalogQuery query) {
        return KINDS.stream().anyMatch(kind -> query.sql().startsWith("SELECT '" + kind + "'"));
    }

    /** Whether the source has any, without which nothing can differ. */
    static boolean canBe(Inventory source) {
        return KINDS.stream().anyMatch(kind -> !source.of(kind).isEmpty());
    }

    static List<Difference> compare(Inventory source, Inventory target) {
        List<Difference> differences = new ArrayList<>();
        source.of(MADE).keySet().stream()
                .filter(name -> !target.of(MADE).containsKey(name))
                .forEach(name -> differences.add(difference(MADE, name, "", Difference.MISSING)));
        source.of(CHANGED)
                .forEach((name, attributes) -> new TreeMap<>(attributes).forEach((attribute, value) -> {
                    if (!value.equals(
                            target.of(CHANGED).getOrDefault(name, Map.of()).get(attribute))) {
                        String word = attribute.equals("digest") ? "definition" : attribute;
                        differences.add(difference(
                                CHANGED,
                                name,
                                word,
                                word + " is that of the server on the target, and was changed on the source"));
                    }
                }));
        return differences;
    }

    private static Difference difference(String kind, String name, String attribute, String what) {
        String bare = name.substring(name.indexOf(' ') + 1);
        String look = name.startsWith("function ")
                ? "\\df+ " + Names.printed(Names.split(bare, "(").get(0))
                : name.startsWith("table ") || name.startsWith("view ") ? "\\d+ " + Names.printed(bare) : "\\dd";
        return new Difference(kind, Names.printed(name), attribute, what, look);
    }
}
