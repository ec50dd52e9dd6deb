package io.pgconvoy.migration;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetTuning;
import java.nio.file.Path;
import java.time.Clock;
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
            lock.take(server, stateDir);
            for (Path folder : owed()) {
                lines.addAll(
                        isAbout(server, folder)
                                ? pay(server, folder)
                                : List.of("left alone: the tuning of another target, in " + folder));
            }
            TargetTuning.revertMarked(server).map(RevertOutcome::lines).ifPresent(lines::addAll);
        }
        return lines.isEmpty() ? List.of(target.label() + ": there is no tuning to revert") : lines;
    }

    /** Reverts what other migrations to this target owe, but for one that is at work; names what was done. */
    List<String> payOthers(Server server, Path ownFolder) {
        List<String> lines = new ArrayList<>();
        for (Path folder : owed()) {
            if (!folder.equals(ownFolder) && isAbout(server, folder)) {
                try {
                    lines.addAll(pay(server, folder));
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
    private static boolean isAbout(Server server, Path folder) {
        String suffix = "__"
                + Journal.folderSuffix(
                        server.endpoint().host(), server.endpoint().port());
        return folder.getFileName().toString().endsWith(suffix)
                || TargetTuning.isOwedTo(server, Journals.tuning(folder));
    }

    private static List<String> pay(Server server, Path folder) {
        try (Journal.Lock lock = Journal.lockOnly(folder)) {
            return new TargetTuning(server, Journals.tuning(folder), Clock.systemUTC())
                    .revert()
                    .map(RevertOutcome::lines)
                    .orElse(List.of());
        }
    }

    /** The journals whose tuning of the target at this address is not reverted. */
    static List<Path> owedAt(Path stateDir, Endpoint target) {
        String suffix = "__" + Journal.folderSuffix(target.host(), target.port());
        return new TuningDebts(stateDir)
                .owed().stream()
                        .filter(folder -> folder.getFileName().toString().endsWith(suffix))
                        .toList();
    }

    private List<Path> owed() {
        return Journals.folders(stateDir, folder -> TargetTuning.isOwed(Journals.tuning(folder)));
    }
}
