package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import java.util.Collections;
import java.util.HashMap;
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
        // The same few words stand for attributes and values in hundreds of thousands of objects.
        Map<String, String> words = new HashMap<>();
        SortedMap<String, Map<String, Map<String, String>>> kinds = new TreeMap<>();
        objects.forEach((kind, named) -> {
            SortedMap<String, Map<String, String>> sorted = new TreeMap<>();
            named.forEach((name, attributes) -> sorted.put(name, compact(attributes, words)));
            kinds.put(kind, Collections.unmodifiableMap(sorted));
        });
        objects = Collections.unmodifiableMap(kinds);
    }

    private static Map<String, String> compact(Map<String, String> attributes, Map<String, String> words) {
        if (attributes.isEmpty()) {
            return Map.of();
        }
        Map<String, String> shared = new HashMap<>();
        attributes.forEach((name, value) -> shared.put(share(name, words), share(value, words)));
        return Map.copyOf(shared);
    }

    private static String share(String word, Map<String, String> words) {
        String known = words.putIfAbsent(word, word);
        return known == null ? word : known;
    }

    /** The objects of one kind: their attributes by identity; empty where there are none. */
    public Map<String, Map<String, String>> of(String kind) {
        return objects.getOrDefault(kind, Map.of());
    }

    /** How many objects there are. */
    public long size() {
        return objects.values().stream().mapToLong(Map::size).sum();
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
