package io.pgconvoy.migration.run;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * How many rows had been written in the source's databases when their dumps' snapshots were taken in this run. At its end one
 * question tells where no more were, so that nobody has to look into these. Safe for use by many threads.
 *
 * @see io.pgconvoy.migration.source.SnapshotActivity
 */
public final class WrittenRows {
    private static final String TOTALS = """
            SELECT oid, pg_catalog.pg_stat_get_db_tuples_inserted(oid) + pg_catalog.pg_stat_get_db_tuples_updated(oid)
                            + pg_catalog.pg_stat_get_db_tuples_deleted(oid)
              FROM pg_catalog.pg_database""";

    private final Map<Long, Long> then = new ConcurrentHashMap<>();

    /** To be called in the snapshot's transaction, before its tables are asked for: what comes in between is looked at. */
    public void remember(Session session) {
        session.each(
                TOTALS + " WHERE datname = pg_catalog.current_database()",
                row -> then.put(row.getLong(1), row.getLong(2)));
    }

    /** The OIDs of the databases in which nothing was written since. */
    public Set<Long> untouched(Server source) {
        if (then.isEmpty()) {
            return Set.of();
        }
        try (Session session = source.session("looking for what was written")) {
            return session.list(TOTALS, row -> Map.entry(row.getLong(1), row.getLong(2))).stream()
                    .filter(now -> now.getValue().equals(then.get(now.getKey())))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
        }
    }
}
