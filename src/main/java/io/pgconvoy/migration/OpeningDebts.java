package io.pgconvoy.migration;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertOutcome;
import java.nio.file.Path;
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
        List<JournalStore> owed = owed();
        if (!owed.isEmpty()) {
            Server server = Server.connect(source, "pgconvoy close-databases", cancellation);
            for (JournalStore journal : owed) {
                lines.addAll(
                        ClosedDatabases.isOwedTo(server, journal)
                                ? pay(server, journal)
                                : List.of("left alone: databases of another source, in " + journal.label()));
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
    List<String> payOthers(Server server, JournalStore own) {
        List<String> lines = new ArrayList<>();
        for (JournalStore journal : owed()) {
            if (!journal.equals(own)
                    && ClosedDatabases.isOwedTo(server, journal)
                    && !ClosedDatabases.isAtWork(server, journal)) {
                lines.addAll(pay(server, journal));
            }
        }
        return lines;
    }

    private static List<String> pay(Server server, JournalStore journal) {
        try (JournalStore.Lease lease = journal.lease()) {
            // A session that was about to open a database must not do that afterwards.
            Server named = Journal.peek(journal)
                    .map(record -> server.withApplicationName(Journal.applicationName(record)))
                    .orElse(server);
            if (named != server) {
                Leftovers.endSessions(named);
            }
            return new ClosedDatabases(named, journal)
                    .closeAll()
                    .map(RevertOutcome::lines)
                    .orElse(List.of());
        }
    }

    private List<JournalStore> owed() {
        return new Journals(stateDir).all(ClosedDatabases::isOwed);
    }
}
