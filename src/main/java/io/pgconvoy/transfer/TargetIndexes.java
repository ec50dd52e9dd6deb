package io.pgconvoy.transfer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

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

    static State state(Connection connection, String schema, String name) throws SQLException {
        String sql = """
                SELECT x.indisvalid OR c.relkind <> 'i'
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setString(2, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return State.MISSING;
                }
                return row.getBoolean(1) ? State.PRESENT : State.INVALID;
            }
        }
    }

    /** The target's max_parallel_workers; 0 where it knows none. */
    static int parallelWorkers(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_parallel_workers'");
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
