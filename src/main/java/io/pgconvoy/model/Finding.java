package io.pgconvoy.model;

import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a check found.
 *
 * @param check the check's name, in kebab case
 * @param side the server that it is about; empty for both, or neither
 * @param what one sentence without a full stop: what is the matter. It does not name the places; where there are any, it
 *     reads well with a colon and their list behind it
 * @param places the databases and objects that it was found at; empty where it is about a server as a whole
 * @param advice what to do about it, one or more sentences
 * @param sql the statement that failed, where one did
 */
public record Finding(
        String check,
        Severity severity,
        Optional<Side> side,
        String what,
        List<Place> places,
        String advice,
        Optional<String> sql) {
    public Finding {
        places = List.copyOf(places);
    }

    private Finding(String check, Severity severity, String what, String advice) {
        this(check, severity, Optional.empty(), what, List.of(), advice, Optional.empty());
    }

    public static Finding blocker(String check, String what, String advice) {
        return new Finding(check, Severity.BLOCKER, what, advice);
    }

    /** That something is refused. */
    public static Finding blocker(String check, PgconvoyException refusal) {
        return blocker(check, refusal.getMessage(), refusal.hint());
    }

    public static Finding warning(String check, String what, String advice) {
        return new Finding(check, Severity.WARNING, what, advice);
    }

    public static Finding note(String check, String what, String advice) {
        return new Finding(check, Severity.NOTE, what, advice);
    }

    /** The same about one server. */
    public Finding on(Side which) {
        return new Finding(check, severity, Optional.of(which), what, places, advice, sql);
    }

    /** The same with where it was found. */
    public Finding at(List<Place> found) {
        return new Finding(check, severity, side, what, found, advice, sql);
    }

    /** The same, less grave. */
    public Finding as(Severity other) {
        return new Finding(check, other, side, what, places, advice, sql);
    }

    /** What is the matter, and where: all of it but the advice, without a full stop. */
    public String sentence() {
        return FindingText.sentence(this);
    }

    /** Puts those together that differ in nothing but their places. */
    public static List<Finding> merged(List<Finding> findings) {
        Map<Finding, List<Place>> places = new LinkedHashMap<>();
        findings.forEach(finding -> places.computeIfAbsent(finding.at(List.of()), none -> new ArrayList<>())
                .addAll(finding.places()));
        return places.entrySet().stream()
                .map(entry -> entry.getKey().at(entry.getValue()))
                .toList();
    }
}
