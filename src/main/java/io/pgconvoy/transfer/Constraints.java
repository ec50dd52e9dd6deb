package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Looks which constraints a database has; by name, since the target's OIDs are its own. */
final class Constraints {
    private static final String OF_TABLE = """
            SELECT FROM pg_catalog.pg_constraint k
              JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ? AND c.relname = ? AND k.conname = ?
            """;

    private static final String OF_DOMAIN = """
            SELECT FROM pg_catalog.pg_constraint k
              JOIN pg_catalog.pg_type t ON t.oid = k.contypid
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
             WHERE n.nspname = ? AND t.typname = ? AND k.conname = ?
            """;

    private Constraints() {}

    static boolean exists(Connection connection, DeferredForeignKey key) throws SQLException {
        return exists(connection, OF_TABLE, key.schema(), key.table(), key.name());
    }

    static boolean exists(Connection connection, DeferredConstraint constraint) throws SQLException {
        return exists(
                connection,
                constraint.domain() ? OF_DOMAIN : OF_TABLE,
                constraint.schema(),
                constraint.owner(),
                constraint.name());
    }

    private static boolean exists(Connection connection, String sql, String schema, String owner, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setString(2, owner);
            statement.setString(3, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
