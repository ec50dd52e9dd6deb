package io.pgconvoy.model;

import java.util.Objects;
import java.util.Optional;

/**
 * Something that is not on the target as it is on the source.
 *
 * @param kind the kind of object, such as {@code index}
 * @param object the kind and the printed identity, such as {@code index public."Open Orders"}
 * @param attribute what of the object differs, such as {@code owner}; empty where the object itself is on one side only
 * @param what one clause: {@code is missing on the target}
 * @param look how to look at it on both sides: a psql command or a query
 * @param announced as what it was announced before the migration; empty for what nobody expected
 */
public record Difference(
        String kind, String object, String attribute, String what, String look, Optional<Announced> announced) {
    /** What is said of an object that the source does not have. */
    public static final String TARGET_ONLY = "is on the target only";

    /** What is said, perhaps with the reason after it, of one that the target does not have. */
    public static final String MISSING = "is missing on the target";

    public Difference {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(object);
        Objects.requireNonNull(attribute);
        Objects.requireNonNull(what);
        Objects.requireNonNull(look);
        Objects.requireNonNull(announced);
    }

    /** One that nobody expected. */
    public Difference(String kind, String object, String attribute, String what, String look) {
        this(kind, object, attribute, what, look, Optional.empty());
    }

    /** The same, announced. */
    public Difference as(Optional<Announced> announcement) {
        return new Difference(kind, object, attribute, what, look, announcement);
    }

    /** As a sentence, which says whether it was announced. */
    public String sentence() {
        return announced
                        .map(announcement -> "as announced by the check " + announcement.check() + ": ")
                        .orElse("")
                + object + " " + what;
    }
}
