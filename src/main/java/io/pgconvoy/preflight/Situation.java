package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.postgres.ClientTools;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known before anything is changed.
 *
 * @param config what the user asked for
 * @param databases the source's databases that are to be moved, in their order
 * @param refusing those that are selected but accept no connections
 * @param made OIDs of the target's databases that an earlier run of this migration made
 * @param madeByOthers folders of the journals of other migrations, by the OIDs of the target's databases that they made
 */
public record Situation(
        MigrationConfig config,
        ClientTools tools,
        ServerSession source,
        ServerSession target,
        List<DatabaseProperties> databases,
        List<DatabaseProperties> refusing,
        Set<Long> made,
        Map<Long, Path> madeByOthers) {
    public Situation {
        databases = List.copyOf(databases);
        refusing = List.copyOf(refusing);
        made = Set.copyOf(made);
        madeByOthers = Map.copyOf(madeByOthers);
    }

    /** Without other migrations. */
    public Situation(
            MigrationConfig config,
            ClientTools tools,
            ServerSession source,
            ServerSession target,
            List<DatabaseProperties> databases,
            List<DatabaseProperties> refusing,
            Set<Long> made) {
        this(config, tools, source, target, databases, refusing, made, Map.of());
    }
}
