package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Replication slots of the source: they are no part of any dump, and who reads from them needs new ones on the target.
 *
 * @see <a href="https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS">Replication Slots</a>
 */
final class ReplicationSlotCheck extends ServerCheck {
    ReplicationSlotCheck() {
        super("replication-slots", "warning, note", "logical and physical replication slots, which stay behind");
    }

    @Override
    List<Finding> run(CheckContext context) {
        ServerSession source = context.source();
        String lasting = source.version().isAtLeast(ServerVersion.V10) ? "WHERE NOT temporary" : "";
        List<Slot> slots = source.session()
                .list(
                        "SELECT slot_name, database FROM pg_replication_slots " + lasting
                                + " ORDER BY database, slot_name",
                        row -> new Slot(row.getString(1), Optional.ofNullable(row.getString(2))));
        List<Finding> findings = new ArrayList<>();
        List<String> moved = context.names();
        List<Place> logical = slots.stream()
                .filter(slot -> slot.database().filter(moved::contains).isPresent())
                .map(slot -> Place.of(new DatabaseName(slot.database().get()), "slot " + slot.name()))
                .toList();
        if (!logical.isEmpty()) {
            findings.add(warning(
                            "logical replication slots stay behind, so subscribers and change data capture stop at the"
                                    + " cutover",
                            "Create them anew on the target before it is written to, and point their readers there.")
                    .on(Side.SOURCE)
                    .at(logical));
        }
        List<Place> physical = slots.stream()
                .filter(slot -> slot.database().isEmpty())
                .map(slot -> Place.of("slot " + slot.name()))
                .toList();
        if (!physical.isEmpty()) {
            findings.add(note("physical replication slots stay behind", "The target needs standbys of its own.")
                    .on(Side.SOURCE)
                    .at(physical));
        }
        return findings;
    }

    private record Slot(String name, Optional<String> database) {}
}
