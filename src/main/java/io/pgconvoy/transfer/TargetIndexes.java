package io.pgconvoy.transfer;

import io.pgconvoy.postgres.Session;

/** Looks how an index stands on the target. */
final class TargetIndexes {
    private TargetIndexes() {}

    /** How an index stands. */
    enum State {
        MISSING,
        /** Left by a concurrent build that did not reach its end. */
        INVALID,
        /** Usable, or a partitioned table's, which becomes valid with its parts. */
        PRESENT
    }

    static State state(Session session, String schema, String name) {
        String sql = """
                SELECT x.indisvalid OR c.relkind <> 'i'
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        return session.first(sql, row -> row.getBoolean(1) ? State.PRESENT : State.INVALID, schema, name)
                .orElse(State.MISSING);
    }

    /** The target's max_parallel_workers; 0 where it knows none. */
    static int parallelWorkers(Session session) {
        return session.text("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_parallel_workers'")
                .map(Integer::valueOf)
                .orElse(0);
    }
}
