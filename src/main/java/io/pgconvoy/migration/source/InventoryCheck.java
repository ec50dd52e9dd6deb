package io.pgconvoy.migration.source;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers;
import io.pgconvoy.journal.Step;
import io.pgconvoy.migration.run.DatabaseProgress;
import io.pgconvoy.migration.run.Run;
import io.pgconvoy.migration.run.Steps;
import io.pgconvoy.model.Difference;
import io.pgconvoy.model.Phase;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.locks.SnapshotHolder;
import io.pgconvoy.verify.inventory.Inventory;
import io.pgconvoy.verify.inventory.InventoryReader;
import io.pgconvoy.verify.inventory.JudgedComparison;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares everything but the rows: what the source held in the dump's snapshot with what the target holds in the end. */
public final class InventoryCheck {
    /** What the source held. */
    private static final Step<Inventory> HELD = Step.kept("inventory", Inventory.class);

    private final Run run;
    private final DatabaseName database;
    private final DatabaseJournal journal;

    public InventoryCheck(Run run, DatabaseJournal journal) {
        this.run = run;
        this.database = journal.database();
        this.journal = journal;
    }

    /**
     * To be called before the dump; reads and keeps what the dump's snapshot sees. What that locks on the way, views and sequences
     * among it, is let go at once: it must not be locked while the dump reads it.
     */
    Inventory before(SnapshotHolder holder) {
        return holder.readBriefly("reading what it holds", session -> {
            // First, since the statistics go on: what is counted later must not seem to be in the snapshot.
            run.writtenRows().remember(session);
            journal.write(SnapshotActivity.KEPT, SnapshotActivity.now(session));
            return InventoryReader.read(session, run.knownMembers());
        });
    }

    /** To be called after the dump: sequences are outside of every snapshot. */
    void after(SnapshotHolder holder, Inventory before) {
        Inventory later = holder.within("reading its sequences", InventoryReader::sequences);
        journal.write(HELD, before.withSequencesUpTo(later));
    }

    /** Forgets what an earlier dump held. */
    static void forget(DatabaseJournal journal) {
        journal.delete(HELD);
        journal.delete(SnapshotActivity.KEPT);
    }

    /** Whether what the comparison needs is there, or no longer needed. */
    static boolean isPossible(DatabaseJournal journal) {
        return journal.has(HELD) || journal.read(Step.COMPARED).isPresent();
    }

    /**
     * Compares, and marks that as done where nothing differs.
     *
     * @param deferred whether clients have been at work in the database already: what they may have changed does not count
     * @return what differs, and what differs as it must
     */
    public InventoryResult compare(boolean deferred, DatabaseProgress progress) {
        Optional<Markers.Done> done = journal.read(Step.COMPARED);
        if (done.isPresent()) {
            return new InventoryResult(List.of(), done.get().warnings());
        }
        try (var phase = progress.begin(Phase.COMPARE)) {
            Inventory source = journal.read(HELD)
                    .orElseThrow(() -> new PgconvoyException(
                            ErrorKind.JOURNAL,
                            "what database \"" + database + "\" held on the source is gone from the journal",
                            "Run again with --redo '" + database + "' to have it moved anew."));
            Inventory target =
                    read(run.target(), session -> InventoryReader.readToCompare(session, run.knownMembers(), source));
            JudgedComparison then = judged(source, target);
            InventoryResult verdict = InventoryResult.of(then.differences(), circumstances(deferred))
                    .with(then.notes());
            if (!verdict.differences().isEmpty()) {
                verdict = verdict.onlyThose(stillDiffering(target, verdict.differences()));
            }
            if (verdict.differences().isEmpty()) {
                Steps steps = Steps.of(run, journal, progress);
                List<String> warnings = verdict.warnings();
                steps.mark(Step.COMPARED, () -> steps.done(phase, warnings));
            }
            return verdict;
        }
    }

    private JudgedComparison judged(Inventory source, Inventory target) {
        return JudgedComparison.of(source, target, run.source(), run.target(), database, run.cancellation());
    }

    /**
     * Those that differ from the source as it is, too: where it was repaired since the dump, the target is as it should be.
     * What was altered on the source alone since then is no matter of this migration's.
     */
    private List<Difference> stillDiffering(Inventory target, List<Difference> differences) {
        try {
            Set<List<String>> now = judged(read(run.source(), InventoryReader::read), target).differences().stream()
                    .map(InventoryCheck::place)
                    .collect(Collectors.toSet());
            return differences.stream()
                    .filter(difference -> now.contains(place(difference)))
                    .toList();
        } catch (PgconvoyException gone) {
            run.cancellation().check();
            return differences;
        }
    }

    private static List<String> place(Difference difference) {
        return List.of(difference.object(), difference.attribute());
    }

    private InventoryResult.Circumstances circumstances(boolean deferred) {
        boolean allowed = run.config().allowRestoreErrors()
                && journal.read(Step.RESTORED)
                        .filter(Markers.Restored::hasAllowedErrors)
                        .isPresent();
        return new InventoryResult.Circumstances(
                allowed,
                deferred,
                run.managed(),
                run.config().tablespaces().leaveOut(),
                run.config().ignoredChecks());
    }

    private Inventory read(Server server, Function<Session, Inventory> reading) {
        try (Session session = server.shared(database, "reading what it holds")) {
            return session.rolledBack(reading);
        }
    }
}
