package io.pgconvoy.verify.inventory;

import java.util.HashMap;
import java.util.Map;

/** Keeps equal texts once: the same few words, and the same few sets of attributes, are those of very many objects. */
final class SharedWords {
    private final Map<String, String> words = new HashMap<>();
    private final Map<Map<String, String>, Map<String, String>> sets = new HashMap<>();

    String word(String word) {
        String known = words.putIfAbsent(word, word);
        return known == null ? word : known;
    }

    Map<String, String> attributes(Map<String, String> attributes) {
        Map<String, String> known = sets.get(attributes);
        if (known != null) {
            return known;
        }
        Map<String, String> shared = new HashMap<>();
        attributes.forEach((name, value) -> shared.put(word(name), word(value)));
        Map<String, String> compact = Map.copyOf(shared);
        sets.put(compact, compact);
        return compact;
    }
}
