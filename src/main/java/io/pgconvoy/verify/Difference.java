package io.pgconvoy.verify;

import java.util.Objects;

/**
 * Something that is not on the target as it is on the source.
 *
 * @param kind the kind of object, such as {@code index}
 * @param object the kind and the printed identity, such as {@code index public."Open Orders"}
 * @param what one clause: {@code is missing on the target}
 * @param look how to look at it on both sides: a psql command or a query
 */
public record Difference(String kind, String object, String what, String look) {
    public Difference {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(object);
        Objects.requireNonNull(what);
        Objects.requireNonNull(look);
    }
}
