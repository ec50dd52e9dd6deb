package io.pgconvoy.model;

import io.pgconvoy.config.DatabaseName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says a finding in one line. */
final class FindingText {
    /** More would push what matters off the screen; the JSON has them all. */
    private static final int MOST = 5;

    private FindingText() {}

    static String sentence(Finding finding) {
        return finding.places().isEmpty() ? finding.what() : finding.what() + ": " + places(finding.places());
    }

    /** {@code shop: table public.t, view public.v; crm: index public.i and 7 more}. */
    private static String places(List<Place> places) {
        Map<Optional<DatabaseName>, List<String>> byDatabase = new LinkedHashMap<>();
        for (Place place : places) {
            List<String> objects = byDatabase.computeIfAbsent(place.database(), none -> new ArrayList<>());
            place.object().ifPresent(objects::add);
        }
        List<String> texts = new ArrayList<>();
        byDatabase.forEach((database, objects) ->
                texts.add(database.map(name -> "database \"" + name + "\"").orElse("")
                        + (database.isPresent() && !objects.isEmpty() ? ": " : "")
                        + some(objects, ", ")));
        return some(texts, "; ");
    }

    private static String some(List<String> texts, String separator) {
        return texts.size() <= MOST
                ? String.join(separator, texts)
                : String.join(separator, texts.subList(0, MOST)) + " and " + (texts.size() - MOST) + " more";
    }
}
