package io.pgconvoy.preflight.server;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.List;
import java.util.Optional;

/**
 * Replication slots of the source: they are no part of any dump, and who reads from them needs new ones on the target.
 *
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS">Replication Slots</a>
 */
public final class ReplicationSlotCheck extends ServerCheck {
    public ReplicationSlotCheck() {
        super("replication-slots", "warning, note", "logical and physical replication slots, which stay behind");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        String lasting = context.source().version().isAtLeast(ServerVersion.V10) ? "WHERE NOT temporary" : "";
        List<Place> slots = context.onSource()
                .list(
                        "SELECT slot_name, database FROM pg_replication_slots " + lasting
                                + " ORDER BY database, slot_name",
                        row -> new Place(row.text(2).map(DatabaseName::new), Optional.of("slot " + row.getString(1))));
        List<String> moved = context.names();
        return onSource(
                warning(
                                "logical replication slots stay behind, so subscribers and change data capture stop at the"
                                        + " cutover",
                                "Create them anew on the target before it is written to, and point their readers there.")
                        .at(slots.stream()
                                .filter(slot -> slot.database()
                                        .filter(name -> moved.contains(name.value()))
                                        .isPresent())
                                .toList()),
                note("physical replication slots stay behind", "The target needs standbys of its own.")
                        .at(slots.stream()
                                .filter(slot -> slot.database().isEmpty())
                                .toList()));
    }
}
