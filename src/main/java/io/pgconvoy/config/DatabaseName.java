package io.pgconvoy.config;

import java.util.Objects;

/**
 * The name of a database, exactly as pg_database.datname holds it: any characters but NUL, case-sensitive.
 *
 * @param value the name, unquoted
 */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
    public DatabaseName {
        Objects.requireNonNull(value);
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a database name is not empty");
        }
    }

    /** Whether every server has it from the beginning, so that it is filled, and never made or dropped. */
    public boolean isBuiltIn() {
        return value.equals("postgres") || value.equals("template1");
    }

    @Override
    public int compareTo(DatabaseName other) {
        return value.compareTo(other.value);
    }

    /** The name as it is; what prints it to a screen takes care of control characters. */
    @Override
    public String toString() {
        return value;
    }
}
