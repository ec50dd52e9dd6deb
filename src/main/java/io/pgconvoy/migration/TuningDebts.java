package io.pgconvoy.migration;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetTuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds, among all journals, those whose runs left one target tuned, by whatever address they knew it, and reverts that.
 */
public final class TuningDebts {
    private final Path stateDir;

    public TuningDebts(Path stateDir) {
        this.stateDir = stateDir;
    }

    /**
     * Reverts.
     *
     * <p>Also what the target itself tells of, whose journal may be on another machine.
     *
     * @return what was done, in lines for the user
     * @throws PgconvoyException of kind JOURNAL while a run is at work, of kind TARGET where the target does not let us
     */
    public List<String> pay(Endpoint target, Cancellation cancellation) {
        List<String> lines = new ArrayList<>();
        Server server = Server.connect(target, "pgconvoy revert-tuning", cancellation);
        RunMessages notes = new RunMessages(event -> {});
        try (TargetLock lock = new TargetLock(false, notes, cancellation)) {
            lock.take(server, new JournalFolder(stateDir));
            for (JournalStore journal : owed()) {
                lines.addAll(
                        isAbout(server, journal)
                                ? pay(server, journal)
                                : List.of("left alone: the tuning of another target, in " + journal.label()));
            }
            TargetTuning.revertMarked(server).map(RevertOutcome::lines).ifPresent(lines::addAll);
        }
        return lines.isEmpty() ? List.of(target.label() + ": there is no tuning to revert") : lines;
    }

    /** Reverts what other migrations to this target owe, but for one that is at work; names what was done. */
    List<String> payOthers(Server server, JournalStore own) {
        List<String> lines = new ArrayList<>();
        for (JournalStore journal : owed()) {
            if (!journal.equals(own) && isAbout(server, journal)) {
                try {
                    lines.addAll(pay(server, journal));
                } catch (PgconvoyException locked) {
                    if (locked.kind() != ErrorKind.JOURNAL) {
                        throw locked;
                    }
                    lines.add(locked.getMessage() + "; its tuning of the same target ends with it");
                }
            }
        }
        return lines;
    }

    /** An address that fits counts as well: where another server is there by now, the revert says so. */
    private static boolean isAbout(Server server, JournalStore journal) {
        return Journals.isTo(
                        journal, server.endpoint().host(), server.endpoint().port())
                || TargetTuning.isOwedTo(server, journal);
    }

    private static List<String> pay(Server server, JournalStore journal) {
        try (JournalStore.Lease lease = journal.lease()) {
            return new TargetTuning(server, journal)
                    .revert()
                    .map(RevertOutcome::lines)
                    .orElse(List.of());
        }
    }

    /** The journals whose tuning of the target at this address is not reverted. */
    static List<JournalStore> owedAt(Path stateDir, Endpoint target) {
        return new TuningDebts(stateDir)
                .owed().stream()
                        .filter(journal -> Journals.isTo(journal, target.host(), target.port()))
                        .toList();
    }

    private List<JournalStore> owed() {
        return new Journals(stateDir).all(TargetTuning::isOwed);
    }
}
