package io.pgconvoy.verify.inventory;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pgconvoy.postgres.ServerVersion;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a database holds, as its catalogs say: every object with what is to be said about it.
 *
 * <p>An attribute that has its default value is absent, so that a server that does not know it yet says the same as one
 * that does. Long texts are {@linkplain DefinitionText digests}; no secret is in it.
 *
 * @param version of the server it was read from
 * @param objects the attributes by the kind of object and its identity, such as {@code public."Open Orders"} or
 *     {@code enabled on public.account}
 */
public record Inventory(ServerVersion version, Map<String, Map<String, Map<String, String>>> objects) {
    static final String SEQUENCE = "sequence";
    static final String LAST_VALUE = "last value";
    static final String IS_CALLED = "is called";
    static final String LATER_LAST_VALUE = "later last value";
    static final String LATER_IS_CALLED = "later is called";

    public Inventory {
        Objects.requireNonNull(version);
        SharedWords words = new SharedWords();
        SortedMap<String, Map<String, Map<String, String>>> kinds = new TreeMap<>();
        objects.forEach((kind, named) -> {
            SortedMap<String, Map<String, String>> sorted = new TreeMap<>();
            named.forEach((name, attributes) -> sorted.put(name, words.attributes(attributes)));
            kinds.put(kind, Collections.unmodifiableMap(sorted));
        });
        objects = Collections.unmodifiableMap(kinds);
    }

    /**
     * An inventory as it stands in a file, where each set of attributes is written once.
     *
     * @param attributes the different sets of attributes
     * @param objects the number of its set by kind and identity
     */
    public record Stored(
            ServerVersion version, List<Map<String, String>> attributes, Map<String, Map<String, Integer>> objects) {}

    /** For the file. */
    @JsonValue
    public Stored stored() {
        Map<Map<String, String>, Integer> numbers = new LinkedHashMap<>();
        Map<String, Map<String, Integer>> kinds = new LinkedHashMap<>();
        objects.forEach((kind, named) -> {
            Map<String, Integer> numbered = new LinkedHashMap<>();
            named.forEach((name, attributes) -> {
                numbers.putIfAbsent(attributes, numbers.size());
                numbered.put(name, numbers.get(attributes));
            });
            kinds.put(kind, numbered);
        });
        return new Stored(version, List.copyOf(numbers.keySet()), kinds);
    }

    /** From the file. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Inventory of(Stored stored) {
        Map<String, Map<String, Map<String, String>>> kinds = new HashMap<>();
        stored.objects().forEach((kind, numbered) -> {
            Map<String, Map<String, String>> named = new HashMap<>();
            numbered.forEach(
                    (name, number) -> named.put(name, stored.attributes().get(number)));
            kinds.put(kind, named);
        });
        return new Inventory(stored.version(), kinds);
    }

    /** The objects of one kind: their attributes by identity; empty where there are none. */
    public Map<String, Map<String, String>> of(String kind) {
        return objects.getOrDefault(kind, Map.of());
    }

    /** How many objects there are, without what extensions make. */
    public long size() {
        return objects.entrySet().stream()
                .filter(kind -> !kind.getKey().equals(ExtensionMemberDifferences.KIND))
                .mapToLong(kind -> kind.getValue().size())
                .sum();
    }

    /**
     * This inventory with the sequences' values of a later one as well. Sequences are outside of every snapshot: of a
     * source that goes on working, a dump holds a value from between the readings before and after it.
     */
    public Inventory withSequencesUpTo(Inventory later) {
        Map<String, Map<String, String>> sequences = new HashMap<>(of(SEQUENCE));
        later.of(SEQUENCE).forEach((name, attributes) -> {
            Map<String, String> known = sequences.get(name);
            String value = attributes.get(LAST_VALUE);
            if (known != null && known.containsKey(LAST_VALUE) && value != null) {
                Map<String, String> both = new HashMap<>(known);
                both.put(LATER_LAST_VALUE, value);
                both.put(LATER_IS_CALLED, attributes.getOrDefault(IS_CALLED, "no"));
                sequences.put(name, both);
            }
        });
        Map<String, Map<String, Map<String, String>>> all = new HashMap<>(objects);
        if (!sequences.isEmpty()) {
            all.put(SEQUENCE, sequences);
        }
        return new Inventory(version, all);
    }
}
