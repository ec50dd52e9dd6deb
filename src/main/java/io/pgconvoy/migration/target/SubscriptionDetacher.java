package io.pgconvoy.migration.target;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.List;

/**
 * Takes their replication slots from subscriptions that a restore has made.
 *
 * <p>pg_dump has them arrive disabled, but with the name of the slot that the source's subscription goes on using: once
 * enabled, the copy would steal that slot and its changes, and once dropped, drop it on the publisher.
 *
 * @see <a href="https://www.postgresql.org/docs/current/logical-replication-subscription.html">Subscription</a>
 */
record SubscriptionDetacher(Server target) {
    private record Subscription(String name, String slot) {
        String warning() {
            return "subscription " + Sql.identifier(name) + " arrived disabled and without its replication slot "
                    + Sql.identifier(slot) + ", which is the source's: docs/fidelity.md says how to take it over";
        }
    }

    /**
     * Detaches them all; without effect on those that have none.
     *
     * @return a warning for each, that says what is left to do
     */
    List<String> detach(DatabaseName database) {
        if (!target.version().isAtLeast(ServerVersion.V10)) {
            return List.of();
        }
        try (Session session = target.shared(database, "detaching its subscriptions from their slots")) {
            return session.list("""
                            SELECT s.subname, s.subslotname
                              FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
                             WHERE d.datname = pg_catalog.current_database() AND s.subslotname IS NOT NULL
                             ORDER BY s.subname
                            """, row -> new Subscription(row.getString(1), row.getString(2))).stream()
                    .map(subscription -> detached(session, subscription))
                    .toList();
        }
    }

    private static String detached(Session session, Subscription subscription) {
        String alter = "ALTER SUBSCRIPTION " + Sql.identifier(subscription.name());
        session.execute(alter + " DISABLE");
        session.execute(alter + " SET (slot_name = NONE)");
        return subscription.warning();
    }
}
