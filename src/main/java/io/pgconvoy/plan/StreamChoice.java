package io.pgconvoy.plan;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.MigrationConfig;

/** Which databases are streamed; the others go by archives. */
public final class StreamChoice {
    private StreamChoice() {}

    /**
     * Whether a database is streamed, where that is asked for. Those that the target has from the beginning are not: what an
     * earlier attempt has left in them is dropped object by object, which needs the archive as a whole. Nor are those with
     * deferred tables, whose dump goes on in the same snapshot.
     */
    public static boolean isStreamed(MigrationConfig config, DatabaseProperties database) {
        return config.streamed()
                        .filter(size -> database.size().compareTo(size) > 0)
                        .isPresent()
                && !database.name().isBuiltIn()
                && !config.deferral().isAskedOf(database.name());
    }
}
