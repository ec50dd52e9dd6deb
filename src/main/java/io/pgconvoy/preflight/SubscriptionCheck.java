package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;

/**
 * Subscriptions. pg_dump writes them so that they arrive disabled; it leaves them out where its user is no superuser. What
 * the source takes from the publisher's slot after its snapshot never comes to the target.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES">pg_dump's notes</a>
 */
final class SubscriptionCheck extends ObjectCheck {
    @Override
    public String name() {
        return Announced.SUBSCRIPTIONS.check();
    }

    @Override
    boolean applies(Situation situation) {
        return situation.source().version().isAtLeast(ServerVersion.V10);
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('subscription %I', s.subname)
          FROM pg_subscription AS s
         WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         ORDER BY 1
        """;
    }

    @Override
    Finding finding(Situation situation) {
        if (!situation.source().status().superuser()) {
            return Finding.warning(
                    name(),
                    "subscriptions stay behind: pg_dump writes them for superusers only",
                    "Connect to the source as a superuser, or CREATE SUBSCRIPTION on the target afterwards.");
        }
        return Finding.warning(
                name(),
                "subscriptions arrive disabled, and without what the source receives after its snapshot",
                "ALTER SUBSCRIPTION ... DISABLE them on the source before the migration begins, so that the publisher keeps"
                        + " all later changes; afterwards SET (slot_name = NONE) there, and on the target SET (slot_name ="
                        + " ...), ENABLE and REFRESH PUBLICATION WITH (copy_data = false).");
    }
}
