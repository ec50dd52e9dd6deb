package io.pgconvoy.verify.inventory;

import java.util.Objects;

/**
 * A definition that the two servers print in different ways, so that the texts alone do not tell whether it means the same.
 *
 * @param attribute what of the object differs, such as {@code definition}
 * @param source the source's text as an inventory keeps it
 * @param target likewise the target's
 */
record Dispute(String kind, String identity, String attribute, String source, String target) {
    private static final String DEFINITION = "definition";

    Dispute {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(identity);
        Objects.requireNonNull(attribute);
        Objects.requireNonNull(source);
        Objects.requireNonNull(target);
    }

    /** What is read of the object: what a view refers to follows from its query. */
    String read() {
        return attribute.equals(RelationQueries.REFERS_TO) ? DEFINITION : attribute;
    }
}
