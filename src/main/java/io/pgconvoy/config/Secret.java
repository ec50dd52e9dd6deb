package io.pgconvoy.config;

import java.util.Objects;

/** A password. It prints as asterisks, so that it cannot slip into a log, a marker or an error. */
public final class Secret {
    private final String value;

    public Secret(String value) {
        this.value = Objects.requireNonNull(value);
    }

    /** The password itself, for the one place that hands it to a driver or to a child's environment. */
    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
