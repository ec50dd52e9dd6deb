package io.pgconvoy.migration;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertOutcome;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds, among all journals, those whose runs left databases of one source open that had refused connections, by whatever
 * address they knew it, and closes them.
 */
public final class OpeningDebts {
    private final Path stateDir;

    public OpeningDebts(Path stateDir) {
        this.stateDir = stateDir;
    }

    /**
     * Closes.
     *
     * @return what was done, in lines for the user
     * @throws PgconvoyException of kind JOURNAL while a run is at work, of kind SOURCE where the source does not let us
     */
    public List<String> pay(Endpoint source, Cancellation cancellation) {
        List<String> lines = new ArrayList<>();
        List<Path> owed = owed();
        if (!owed.isEmpty()) {
            Server server = Server.connect(source, "pgconvoy close-databases", cancellation);
            for (Path folder : owed) {
                lines.addAll(
                        ClosedDatabases.isOwedTo(server, Journals.opened(folder))
                                ? pay(server, folder)
                                : List.of("left alone: databases of another source, in " + folder));
            }
        }
        return lines.isEmpty() ? List.of(source.label() + ": there is no database to close") : lines;
    }

    /**
     * Closes what other migrations from this source left open, but for what runs hold open that are at work: those are known
     * by their marks.
     *
     * @return what was done, in lines for the user
     * @throws PgconvoyException of kind JOURNAL where one of those cannot be looked at
     */
    List<String> payOthers(Server server, Path ownFolder) {
        List<String> lines = new ArrayList<>();
        for (Path folder : owed()) {
            Path file = Journals.opened(folder);
            if (!folder.equals(ownFolder)
                    && ClosedDatabases.isOwedTo(server, file)
                    && !ClosedDatabases.isAtWork(server, file)) {
                lines.addAll(pay(server, folder));
            }
        }
        return lines;
    }

    private static List<String> pay(Server server, Path folder) {
        try (Journal.Lock lock = Journal.lockOnly(folder)) {
            // A session that was about to open a database must not do that afterwards.
            Server named = Journal.peek(folder)
                    .map(record -> server.withApplicationName(Journal.applicationName(record)))
                    .orElse(server);
            if (named != server) {
                Leftovers.endSessions(named);
            }
            return new ClosedDatabases(named, Journals.opened(folder), Clock.systemUTC())
                    .closeAll()
                    .map(RevertOutcome::lines)
                    .orElse(List.of());
        }
    }

    private List<Path> owed() {
        return Journals.folders(stateDir, folder -> ClosedDatabases.isOwed(Journals.opened(folder)));
    }
}
