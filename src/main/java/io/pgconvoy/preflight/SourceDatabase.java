package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.ServerVersion;
import java.sql.Connection;

/**
 * A database of the source, to be looked into.
 *
 * @param connection to it, in autocommit mode and read-only by default; shared by all checks, not to be closed
 * @param version the source's
 */
public record SourceDatabase(DatabaseProperties properties, Connection connection, ServerVersion version) {
    public DatabaseName name() {
        return properties.name();
    }
}
