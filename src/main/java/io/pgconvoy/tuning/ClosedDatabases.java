package io.pgconvoy.tuning;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.OpenMark;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.postgres.concurrent.Uninterruptibly;
import io.pgconvoy.tuning.OpenedState.Opened;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Opens databases of the source that refuse connections, for as long as they are read, and closes them again.
 *
 * <p>As the tuning, it is a debt: a file in the journal says what was there before anything is changed, and forgets it
 * only when the database is as it was. So {@link #closeAll} may be called at any time, in any process, any number of
 * times.
 *
 * <p>A superuser's session may be in a database whose connection limit is 0, and nobody else's: so that is the limit
 * meanwhile. Whoever is no superuser needs the limit lifted, and others get in as well.
 *
 * <p>Several runs may read the same database, from whatever machines. Each says so on the source ({@link OpenMarks}), has a
 * debt of its own with what was there before all of them, and the last one closes.
 *
 * <p>Safe for use by many threads.
 */
public final class ClosedDatabases {
    private static final int SUPERUSERS_ONLY = 0;
    private static final int UNLIMITED = -1;

    private final Server source;
    private final JournalStore journal;
    private final OpenMarks marks;
    private final List<String> warnings = new ArrayList<>();

    /** What is left to other runs, to be told at the end. */
    private final List<String> handedOver = new ArrayList<>();

    /** The connection limits under which other runs had opened what this one has changed for itself, by OID. */
    private final Map<Long, Integer> limitsFound = new HashMap<>();

    /**
     * Looks at nothing yet.
     *
     * @param source whose sessions are named after this migration
     * @param journal of this migration
     */
    public ClosedDatabases(Server source, JournalStore journal) {
        this.source = source.undisturbed();
        this.journal = journal;
        this.marks = new OpenMarks(this.source);
    }

    /** A database that can be read; {@link #close} is idempotent. */
    @FunctionalInterface
    public interface Opening extends AutoCloseable {
        /** Of a database that was open already. */
        Opening NOTHING = () -> {};

        /**
         * Closes it again, exactly as it was. The calling thread's interrupt neither hinders it nor is lost.
         *
         * @throws PgconvoyException where that failed; it is still owed then
         */
        @Override
        void close();
    }

    /** Whether a database has still to be closed: by an earlier run that was killed, or by one that is at work. */
    public static boolean isOwed(JournalStore journal) {
        return journal.has(OpenedState.OWED);
    }

    /** Whether each database that has still to be closed is held open by a run just now, which closes it. */
    public static boolean isAtWork(Server server, JournalStore journal) {
        try (Session session = server.session("looking for databases that are held open")) {
            return OpenMark.limitsBefore(session)
                    .keySet()
                    .containsAll(limitsBefore(journal).keySet());
        }
    }

    /** Whether it is this server, by whatever address, on which databases have still to be closed. */
    public static boolean isOwedTo(Server server, JournalStore journal) {
        return Identity.isOwedTo(server, journal, OpenedState.OWED);
    }

    /** The connection limits that databases had, by OID, which refused connections before they were opened. */
    public static Map<Long, Integer> limitsBefore(JournalStore journal) {
        return journal.read(OpenedState.OWED).stream()
                .flatMap(state -> state.databases().stream())
                .collect(Collectors.toMap(Opened::oid, Opened::limitBefore));
    }

    /**
     * Opens a database.
     *
     * @return to be closed when nothing more is read; what somebody has opened meanwhile is left as it is
     * @throws PgconvoyException where it cannot be opened
     */
    public Opening open(DatabaseName name, long oid) {
        return Uninterruptibly.call("open-" + name, () -> openNow(name, oid));
    }

    private synchronized Opening openNow(DatabaseName name, long oid) {
        try (DatabaseDoor door = DatabaseDoor.of(source, oid)) {
            return marks.inTurn(() -> openInTurn(name, oid, door));
        } catch (SqlFailure failure) {
            throw refused(name, failure.inFull(), failure);
        } catch (DoorException failure) {
            throw refused(name, failure.getMessage(), failure);
        }
    }

    private Opening openInTurn(DatabaseName name, long oid, DatabaseDoor door) {
        DatabaseDoor.State before = door.state()
                .orElseThrow(() -> new PgconvoyException(
                        ErrorKind.SOURCE,
                        source.label() + ": database \"" + name + "\" is gone",
                        "It was there when this run began: was it dropped?"));
        Optional<Integer> ofOthers = Optional.ofNullable(marks.ofOthers().get(oid));
        if (before.allowsConnections() && ofOthers.isEmpty()) {
            return Opening.NOTHING;
        }
        int forSuperuser = before.allowsConnections() ? before.connectionLimit() : SUPERUSERS_ONLY;
        Opened opened = new Opened(
                before.name(),
                oid,
                ofOthers.orElse(before.connectionLimit()),
                door.isSuperuser() ? forSuperuser : UNLIMITED,
                Instant.now());
        remember(opened, door);
        marks.put(oid, opened.limitBefore());
        if (!before.allowsConnections() || before.connectionLimit() != opened.limitMeanwhile()) {
            try {
                door.alter(before.name(), true, opened.limitMeanwhile());
            } catch (SqlFailure failure) {
                if (isRefusal(failure)) {
                    forget(oid);
                    marks.remove(oid);
                }
                throw failure;
            }
            if (before.allowsConnections()) {
                limitsFound.put(oid, before.connectionLimit());
            }
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                Uninterruptibly.call("close-" + name, () -> close(opened));
            }
        };
    }

    /**
     * Closes every database that is owed.
     *
     * @return empty where there is none, and nothing to tell of those that were closed before
     * @throws PgconvoyException where one cannot be closed, or where this is another server; it is still owed then. The
     *     others are closed
     */
    public Optional<RevertOutcome> closeAll() {
        return Uninterruptibly.call("close-databases", this::closeAllNow);
    }

    private synchronized Optional<RevertOutcome> closeAllNow() {
        List<String> closed = new ArrayList<>();
        Optional<OpenedState> state = journal.read(OpenedState.OWED);
        if (state.isPresent()) {
            try (Session session = source.session("asking for the system identifier")) {
                state.get()
                        .require(
                                session,
                                ErrorKind.SOURCE,
                                "whose databases were opened",
                                "pgconvoy close-databases with the --from-...",
                                journal.label(OpenedState.OWED));
            }
            List<PgconvoyException> failures = new ArrayList<>();
            for (Opened opened : state.get().databases()) {
                try {
                    close(opened).ifPresent(closed::add);
                } catch (PgconvoyException failure) {
                    failures.add(failure);
                }
            }
            if (!failures.isEmpty()) {
                PgconvoyException first = failures.remove(0);
                failures.forEach(first::addSuppressed);
                throw first;
            }
        }
        closed.addAll(handedOver);
        handedOver.clear();
        return closed.isEmpty() && warnings.isEmpty()
                ? Optional.empty()
                : Optional.of(new RevertOutcome(closed, warnings, true));
    }

    /** What is as it was is forgotten. */
    private synchronized Optional<String> close(Opened opened) {
        try (DatabaseDoor door = DatabaseDoor.of(source, opened.oid())) {
            return marks.inTurn(() -> closeInTurn(opened, door));
        } catch (SqlFailure failure) {
            throw stillOpen(opened, failure.inFull(), failure);
        } catch (PgconvoyException failure) {
            // Of those, only a failed connection has a state.
            throw failure instanceof DoorException || !SqlState.state(failure).isEmpty()
                    ? stillOpen(opened, failure.getMessage(), failure)
                    : failure;
        }
    }

    private Optional<String> closeInTurn(Opened opened, DatabaseDoor door) {
        String subject = "database \"" + opened.database() + "\"";
        Optional<DatabaseDoor.State> state = door.state();
        if (state.isEmpty()) {
            settle(opened);
            return Optional.of(subject + ": gone meanwhile");
        }
        DatabaseDoor.State now = state.get();
        if (marks.ofOthers().containsKey(opened.oid())) {
            handOver(opened, now, door);
            return Optional.empty();
        }
        boolean limitIsOurs = now.connectionLimit() == opened.limitMeanwhile();
        if (!limitIsOurs && now.connectionLimit() != opened.limitBefore()) {
            warnings.add(subject + ": its connection limit on the source is left at " + now.connectionLimit()
                    + ", since somebody changed it while it was open; before it was " + opened.limitBefore());
        }
        int limit = limitIsOurs ? opened.limitBefore() : now.connectionLimit();
        if (now.allowsConnections() || limit != now.connectionLimit()) {
            door.alter(now.name(), false, limit);
        }
        settle(opened);
        long guests = door.guests();
        if (guests > 0) {
            warnings.add(subject + " was open on the source for its dump, and " + guests
                    + (guests == 1 ? " session" : " sessions") + " of others got in and are still there");
        }
        return Optional.of(subject + " refuses connections again");
    }

    /** Leaves a database open, as others have found it, who close it. */
    private void handOver(Opened opened, DatabaseDoor.State now, DatabaseDoor door) {
        Integer found = limitsFound.remove(opened.oid());
        if (found != null && now.connectionLimit() == opened.limitMeanwhile()) {
            door.alter(now.name(), true, found);
        }
        handedOver.add("database \"" + opened.database()
                + "\" stays open on the source until the last run ends that reads it; another one does ("
                + marks.otherHolder(opened.oid()) + ")");
        settle(opened);
    }

    /** Owes nothing more. */
    private void settle(Opened opened) {
        forget(opened.oid());
        marks.remove(opened.oid());
    }

    private void remember(Opened opened, DatabaseDoor door) {
        OpenedState state = journal.read(OpenedState.OWED)
                .orElseGet(() -> new OpenedState(
                        OpenedState.FORMAT,
                        source.endpoint().host(),
                        source.endpoint().port(),
                        Identity.systemIdentifier(door.session()),
                        List.of()));
        journal.write(OpenedState.OWED, state.with(opened));
    }

    private void forget(long oid) {
        OpenedState left = journal.read(OpenedState.OWED).orElseThrow().without(oid);
        if (left.databases().isEmpty()) {
            journal.delete(OpenedState.OWED);
        } else {
            journal.write(OpenedState.OWED, left);
        }
    }

    /** Whether the server has said no, so that nothing is changed; a lost connection leaves that open. */
    private static boolean isRefusal(SqlFailure failure) {
        return !failure.state().isEmpty() && !SqlState.isBrokenOff(failure);
    }

    private PgconvoyException refused(DatabaseName name, String why, PgconvoyException failure) {
        String hint = "Open it yourself, or leave it out with --exclude-db.";
        if (SqlState.isPrivilege(failure)) {
            hint = "That takes a superuser or the database's owner; or leave it out with --exclude-db.";
        } else if (SqlState.isReadOnly(failure)) {
            hint =
                    "A standby cannot do that: have its primary ALTER DATABASE ... ALLOW_CONNECTIONS true for the time of"
                            + " the migration, or leave it out with --exclude-db.";
        }
        return new PgconvoyException(
                ErrorKind.SOURCE,
                source.label() + ": database \"" + name
                        + "\" accepts no connections, and could not be opened for its dump: " + why,
                hint,
                failure);
    }

    private PgconvoyException stillOpen(Opened opened, String why, Exception cause) {
        return new PgconvoyException(
                ErrorKind.SOURCE,
                source.label() + ": database \"" + opened.database() + "\", which refused connections, is still open: "
                        + why,
                "Run the same command again, or pgconvoy close-databases with the same --from-... options, or "
                        + DatabaseDoor.statement(opened.database(), false, opened.limitBefore())
                        + "; what it was before is kept in "
                        + journal.label(OpenedState.OWED) + ".",
                cause);
    }
}
