package io.pgconvoy.config;

import java.util.Locale;

/** How the rows of a database get to the target. */
public enum Transport {
    /** By pg_dump into an archive on disk, and from there by pg_restore. */
    DUMP,
    /** Straight from sessions of the source into sessions of the target; an archive holds but the schema. */
    STREAM;

    /**
     * Reads what the user typed.
     *
     * @throws PgconvoyException of kind USAGE where it is no transport
     */
    public static Transport parse(String option, String text) {
        for (Transport transport : values()) {
            if (transport.name().equals(text.toUpperCase(Locale.ROOT))) {
                return transport;
            }
        }
        throw PgconvoyException.usage(option + ": '" + text + "' is no transport", "Give dump or stream.");
    }
}
