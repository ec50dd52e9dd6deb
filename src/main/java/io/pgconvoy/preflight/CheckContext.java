package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.MigrationConfig;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.tools.ClientTools;
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
 * @param madeByOthers where the journals are of other migrations, by the OIDs of the target's databases that they made
 */
public record CheckContext(
        MigrationConfig config,
        ClientTools tools,
        ServerSession source,
        ServerSession target,
        List<DatabaseProperties> databases,
        List<DatabaseProperties> refusing,
        Set<Long> made,
        Map<Long, String> madeByOthers) {
    public CheckContext {
        databases = List.copyOf(databases);
        refusing = List.copyOf(refusing);
        made = Set.copyOf(made);
        madeByOthers = Map.copyOf(madeByOthers);
    }

    /** Without other migrations. */
    public CheckContext(
            MigrationConfig config,
            ClientTools tools,
            ServerSession source,
            ServerSession target,
            List<DatabaseProperties> databases,
            List<DatabaseProperties> refusing,
            Set<Long> made) {
        this(config, tools, source, target, databases, refusing, made, Map.of());
    }

    /** The same, as failures are to name it. */
    CheckContext doing(String onSource, String onTarget) {
        return new CheckContext(
                config, tools, source.doing(onSource), target.doing(onTarget), databases, refusing, made, madeByOthers);
    }

    public Session onSource() {
        return source.session();
    }

    public Session onTarget() {
        return target.session();
    }

    /** The names of the databases that are to be moved. */
    public List<String> names() {
        return databases.stream().map(database -> database.name().value()).toList();
    }

    /** Their OIDs on the source. */
    public Long[] oids() {
        return databases.stream().map(DatabaseProperties::oid).toArray(Long[]::new);
    }

    /** How bad a statement of pg_restore is that the target will refuse: its database fails, unless the user accepts that. */
    public Severity ofRestoreErrors() {
        return config.allowRestoreErrors() ? Severity.WARNING : Severity.BLOCKER;
    }

    /** The same for owners and privileges: who is no superuser on the target may have to do without them. */
    public Severity ofOwnership() {
        return target.status().superuser() ? ofRestoreErrors() : Severity.WARNING;
    }
}
