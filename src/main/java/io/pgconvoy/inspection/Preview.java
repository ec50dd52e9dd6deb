package io.pgconvoy.inspection;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.config.Compression;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.postgres.tools.ClientTools;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run would do.
 *
 * @param databases in the order in which they would be begun
 * @param complete those among them that an earlier run completed
 * @param deferred tables whose data would be moved last, for each database that has such
 * @param globals what would change on the target, one line each
 */
public record Preview(
        ClientTools tools,
        Compression compression,
        Parallelism parallelism,
        List<DatabaseProperties> databases,
        Set<DatabaseName> complete,
        Map<DatabaseName, List<DeferrableTable>> deferred,
        List<String> globals,
        List<String> warnings) {
    public Preview {
        databases = List.copyOf(databases);
        complete = Set.copyOf(complete);
        deferred = Map.copyOf(deferred);
        globals = List.copyOf(globals);
        warnings = List.copyOf(warnings);
    }
}
