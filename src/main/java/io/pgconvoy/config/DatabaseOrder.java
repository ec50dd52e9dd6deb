package io.pgconvoy.config;

/** In which order databases are begun. */
public enum DatabaseOrder {
    SIZE_ASC,
    SIZE_DESC
}
