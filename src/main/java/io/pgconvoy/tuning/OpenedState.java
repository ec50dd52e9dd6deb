package io.pgconvoy.tuning;

import io.pgconvoy.journal.JournalEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is owed to the source: written before a database is opened there.
 *
 * @param format 1; a larger number comes from a newer version of this program
 * @param host as the user named the source
 * @param port of the source
 * @param systemIdentifier the cluster's own, from pg_control_system(); empty before 9.6
 * @param databases all that may be open now and were not before
 */
record OpenedState(int format, String host, int port, Optional<String> systemIdentifier, List<Opened> databases)
        implements Identity {
    static final int FORMAT = 1;

    static final JournalEntry<OpenedState> OWED = new JournalEntry<>(
            "opened-databases",
            OpenedState.class,
            false,
            "It says which of the source's databases were opened that refused connections. Look in pg_database for"
                    + " datallowconn and datconnlimit, put them back, and delete the file.",
            state -> state.format() > FORMAT,
            "Close the databases with that version: pgconvoy close-databases.");

    OpenedState {
        databases = List.copyOf(databases);
    }

    /** The same without a database. */
    OpenedState without(long oid) {
        return new OpenedState(
                format,
                host,
                port,
                systemIdentifier,
                databases.stream().filter(database -> database.oid() != oid).toList());
    }

    /** The same with one more database. */
    OpenedState with(Opened opened) {
        List<Opened> more = new ArrayList<>(without(opened.oid()).databases());
        more.add(opened);
        return new OpenedState(format, host, port, systemIdentifier, more);
    }

    /**
     * A database that refused connections.
     *
     * @param database its name then; the OID is what counts
     * @param limitBefore its connection limit, as pg_database.datconnlimit has it
     * @param limitMeanwhile the connection limit that it has while it is open
     * @param openedAt by this machine's clock
     */
    record Opened(String database, long oid, int limitBefore, int limitMeanwhile, Instant openedAt) {}
}
