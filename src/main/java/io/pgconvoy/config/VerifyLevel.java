package io.pgconvoy.config;

import java.util.Locale;

/** How closely source and target are compared; each level includes those before it. */
public enum VerifyLevel {
    /** The inventory of what each database holds, but no rows. */
    NONE,
    /** Estimated numbers of rows (pg_class.reltuples); differences are warnings. */
    ESTIMATE,
    /** Exact numbers of rows. */
    COUNT,
    /** A checksum over the contents of each table and of the large objects. */
    CHECKSUM;

    /**
     * Reads what the user typed.
     *
     * @throws PgconvoyException of kind USAGE where it is no level
     */
    public static VerifyLevel parse(String option, String text) {
        for (VerifyLevel level : values()) {
            if (level.label().equals(text.toLowerCase(Locale.ROOT))) {
                return level;
            }
        }
        throw PgconvoyException.usage(
                option + ": '" + text + "' is no level of verification", "Give none, estimate, count or checksum.");
    }

    /** As options, reports and markers have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether numbers of rows are estimates. */
    public boolean estimates() {
        return this == ESTIMATE;
    }

    /** Whether numbers of rows are exact. */
    public boolean counts() {
        return this == COUNT || this == CHECKSUM;
    }
}
