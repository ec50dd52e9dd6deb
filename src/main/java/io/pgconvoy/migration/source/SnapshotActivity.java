package io.pgconvoy.migration.source;

import io.pgconvoy.catalog.TableActivity;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What had been written to a database of the source when the dump's snapshot was taken, so that the end of the run can
 * tell what was written since and is not on the target.
 *
 * @param takenAt when that was
 */
public record SnapshotActivity(Instant takenAt, List<TableActivity> tables) {
    static final Step<SnapshotActivity> KEPT = Step.kept("activity", SnapshotActivity.class);

    public SnapshotActivity {
        tables = List.copyOf(tables);
    }

    /** To be called in the snapshot's transaction, before anything else. */
    static SnapshotActivity now(Session session) {
        return new SnapshotActivity(Instant.now(), TableActivity.list(session));
    }

    public static Optional<SnapshotActivity> read(DatabaseJournal journal) {
        return journal.read(KEPT);
    }

    /** What was written since, as the end of a sentence about the database; empty where nothing was. */
    public Optional<String> since(Session session) {
        Map<Long, TableActivity> then = new HashMap<>();
        tables.forEach(table -> then.put(table.oid(), table));
        List<TableActivity> changes = new ArrayList<>();
        for (TableActivity now : TableActivity.list(session)) {
            TableActivity change = then.containsKey(now.oid()) ? now.since(then.get(now.oid())) : now;
            if (change.written() > 0) {
                changes.add(change);
            }
        }
        return changes.isEmpty() ? Optional.empty() : Optional.of(SourceChangesText.of(takenAt, changes));
    }
}
