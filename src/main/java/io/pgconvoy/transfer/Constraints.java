package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredConstraint;
import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.postgres.Session;

/** Looks which constraints a database has; by name, since the target's OIDs are its own. */
final class Constraints {
    private static final String OF_TABLE = """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k
              JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ? AND c.relname = ? AND k.conname = ?)
            """;

    private static final String OF_DOMAIN = """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k
              JOIN pg_catalog.pg_type t ON t.oid = k.contypid
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
             WHERE n.nspname = ? AND t.typname = ? AND k.conname = ?)
            """;

    private Constraints() {}

    static boolean exists(Session session, DeferredForeignKey key) {
        return session.flag(OF_TABLE, key.schema(), key.table(), key.name());
    }

    static boolean exists(Session session, DeferredConstraint constraint) {
        return session.flag(
                constraint.domain() ? OF_DOMAIN : OF_TABLE, constraint.schema(), constraint.owner(), constraint.name());
    }
}
