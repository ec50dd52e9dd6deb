package io.pgconvoy.survey;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.journal.Journals;
import io.pgconvoy.postgres.Leftovers;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.tuning.ClosedDatabases;
import io.pgconvoy.tuning.RevertOutcome;
import io.pgconvoy.tuning.TargetTuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the journals of all migrations say is still changed on one server, by whatever address they knew it. What is done
 * about it is told in lines for the user.
 */
public enum EarlierDebts {
    TUNING("the tuning of another target") {
        @Override
        boolean isOwed(JournalStore journal) {
            return TargetTuning.isOwed(journal);
        }

        /** An address that fits counts as well: where another server is there by now, the revert says so. */
        @Override
        boolean isOwedTo(Server server, JournalStore journal) {
            return isAddressedTo(server.endpoint(), journal) || TargetTuning.isOwedTo(server, journal);
        }

        @Override
        Optional<RevertOutcome> settle(Server server, JournalStore journal) {
            return new TargetTuning(server, journal).revert();
        }

        @Override
        String leftToOthers(PgconvoyException failure) {
            if (failure.kind() != ErrorKind.JOURNAL) {
                throw failure;
            }
            return failure.getMessage() + "; its tuning of the same target ends with it";
        }
    },
    OPENED_DATABASES("databases of another source") {
        @Override
        boolean isOwed(JournalStore journal) {
            return ClosedDatabases.isOwed(journal);
        }

        @Override
        boolean isOwedTo(Server server, JournalStore journal) {
            return ClosedDatabases.isOwedTo(server, journal);
        }

        /** Known by the marks. */
        @Override
        boolean isAtWork(Server server, JournalStore journal) {
            return ClosedDatabases.isAtWork(server, journal);
        }

        @Override
        Optional<RevertOutcome> settle(Server server, JournalStore journal) {
            // A session that was about to open a database must not do that afterwards.
            Optional<Server> named =
                    Journal.peek(journal).map(record -> server.withApplicationName(Journal.applicationName(record)));
            named.ifPresent(Leftovers::endSessions);
            return new ClosedDatabases(named.orElse(server), journal).closeAll();
        }
    };

    private final String others;

    EarlierDebts(String others) {
        this.others = others;
    }

    abstract boolean isOwed(JournalStore journal);

    abstract boolean isOwedTo(Server server, JournalStore journal);

    abstract Optional<RevertOutcome> settle(Server server, JournalStore journal);

    /** Whether a run that is at work will settle it. */
    boolean isAtWork(Server server, JournalStore journal) {
        return false;
    }

    /** What is told where another run has the journal's lease; throws what is no reason to go on. */
    String leftToOthers(PgconvoyException failure) {
        throw failure;
    }

    /**
     * Reverts the tuning of a target, also such as the target itself tells of, whose journal may be on another machine.
     *
     * @throws PgconvoyException of kind JOURNAL while a run is at work, of kind TARGET where the target does not let us
     */
    public static List<String> revertTuning(Path stateDir, Endpoint target, Cancellation cancellation) {
        Server server = Server.connect(target, "pgconvoy revert-tuning", cancellation);
        try (TargetLock lock = new TargetLock(false, new RunMessages(event -> {}), cancellation)) {
            lock.take(server, new JournalFolder(stateDir));
            List<String> lines = TUNING.settleAll(server, stateDir);
            TargetTuning.revertMarked(server).map(RevertOutcome::lines).ifPresent(lines::addAll);
            return lines.isEmpty() ? List.of(target.label() + ": there is no tuning to revert") : lines;
        }
    }

    /**
     * Closes the databases of a source.
     *
     * @throws PgconvoyException of kind JOURNAL while a run is at work, of kind SOURCE where the source does not let us
     */
    public static List<String> closeDatabases(Path stateDir, Endpoint source, Cancellation cancellation) {
        List<String> lines = OPENED_DATABASES.owed(stateDir).isEmpty()
                ? List.of()
                : OPENED_DATABASES.settleAll(
                        Server.connect(source, "pgconvoy close-databases", cancellation), stateDir);
        return lines.isEmpty() ? List.of(source.label() + ": there is no database to close") : lines;
    }

    private List<String> settleAll(Server server, Path stateDir) {
        List<String> lines = new ArrayList<>();
        for (JournalStore journal : owed(stateDir)) {
            lines.addAll(
                    isOwedTo(server, journal)
                            ? settleAlone(server, journal)
                            : List.of("left alone: " + others + ", in " + journal.label()));
        }
        return lines;
    }

    /** Settles what other migrations owe to a server, but for those that are at work. */
    public List<String> settleOthers(Server server, JournalStore own, Path stateDir) {
        List<String> lines = new ArrayList<>();
        for (JournalStore journal : owed(stateDir)) {
            if (!journal.equals(own) && isOwedTo(server, journal) && !isAtWork(server, journal)) {
                try {
                    lines.addAll(settleAlone(server, journal));
                } catch (PgconvoyException failure) {
                    lines.add(leftToOthers(failure));
                }
            }
        }
        return lines;
    }

    private List<String> settleAlone(Server server, JournalStore journal) {
        try (JournalStore.Lease lease = journal.lease()) {
            return settle(server, journal).map(RevertOutcome::lines).orElse(List.of());
        }
    }

    /** The journals that have not settled it. */
    List<JournalStore> owed(Path stateDir) {
        return new Journals(stateDir).all(this::isOwed);
    }

    static boolean isAddressedTo(Endpoint target, JournalStore journal) {
        return Journals.isTo(journal, target.host(), target.port());
    }
}
