package io.pgconvoy.verify;

import java.util.Objects;

/**
 * Something that is not on the target as it is on the source.
 *
 * @param kind the kind of object, such as {@code index}
 * @param object the kind and the printed identity, such as {@code index public."Open Orders"}
 * @param attribute what of the object differs, such as {@code owner}; empty where the object itself is on one side only
 * @param what one clause: {@code is missing on the target}
 * @param look how to look at it on both sides: a psql command or a query
 */
public record Difference(String kind, String object, String attribute, String what, String look) {
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
    }

    /** As a sentence. */
    public String sentence() {
        return object + " " + what;
    }
}
