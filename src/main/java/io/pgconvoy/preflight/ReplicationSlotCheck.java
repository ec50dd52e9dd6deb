package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Replication slots: a slot is a position in one server's WAL, so none is carried over. Who reads from a logical one has to
 * begin anew on the target.
 *
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">pg_replication_slots</a>
 */
final class ReplicationSlotCheck implements ServerCheck {
    @Override
    public String name() {
        return "replication-slots";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        String query =
                """
                SELECT format('slot %%I%%s', slot_name, ' (' || plugin || ')'), database
                  FROM pg_replication_slots %s ORDER BY 2, 1
                """.formatted(situation.source().version().isAtLeast(ServerVersion.V10) ? "WHERE NOT temporary" : "");
        List<Place> logical = new ArrayList<>();
        List<Place> physical = new ArrayList<>();
        try (Statement statement = situation.source().connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                String database = row.getString(2);
                if (database == null) {
                    physical.add(Place.of(row.getString(1)));
                } else {
                    logical.add(Place.of(new DatabaseName(database), row.getString(1)));
                }
            }
        }
        List<Finding> findings = new ArrayList<>();
        if (!logical.isEmpty()) {
            findings.add(Finding.warning(
                            this,
                            "logical replication slots stay behind",
                            "Have their readers take what is left on the source, then make slots for them on the target"
                                    + " (pg_create_logical_replication_slot, or their own way) before clients write there.")
                    .on(Side.SOURCE)
                    .at(logical));
        }
        if (!physical.isEmpty()) {
            findings.add(Finding.note(
                            this,
                            "the source has slots for standbys or WAL receivers, which the target will not have",
                            "Build standbys of the target with pg_basebackup.")
                    .on(Side.SOURCE)
                    .at(physical));
        }
        return findings;
    }
}
