package io.pgconvoy.verify.checksum;

import java.util.List;
import java.util.Optional;

/**
 * The type of a value, as far as its digest depends on it: names and structure, no OIDs, which are different on every
 * server, and no version.
 */
public sealed interface ValueType {
    /**
     * A type with input and output functions of its own.
     *
     * @param extension the extension that brought it
     */
    record Base(String schema, String name, Optional<String> extension) implements ValueType {
        /** A type of PostgreSQL itself. */
        static Base builtIn(String name) {
            return new Base("pg_catalog", name, Optional.empty());
        }
    }

    /** An enumeration; its values are their labels. */
    record Enumeration() implements ValueType {}

    record Array(ValueType element) implements ValueType {}

    /**
     * A domain.
     *
     * @param baseSchema the schema of the type that it restricts
     * @param baseName that type's name
     */
    record Domain(String baseSchema, String baseName, ValueType base) implements ValueType {}

    record Composite(List<Field> fields) implements ValueType {
        public Composite {
            fields = List.copyOf(fields);
        }
    }

    record Range(ValueType subtype) implements ValueType {}

    /** Several ranges in one value, from 14 on. */
    record Multirange(Range range) implements ValueType {}

    /** A column of a table, or a field of a composite type. */
    record Field(String name, ValueType type) {}
}
