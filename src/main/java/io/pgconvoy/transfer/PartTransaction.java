package io.pgconvoy.transfer;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.DeferralMarkers.DumpedPart;
import io.pgconvoy.postgres.Ddl;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SessionPool;

/** Loads one part in one transaction, or leaves the database as it was. Safe for use by many threads. */
final class PartTransaction {
    private final String encoding;
    private final PartFiles files;
    private final LoadEvidence evidence;

    PartTransaction(String encoding, PartFiles files, LoadEvidence evidence) {
        this.encoding = encoding;
        this.files = files;
        this.evidence = evidence;
    }

    /**
     * Loads the part, unless it is loaded already.
     *
     * @throws PgconvoyException where the file is damaged, or the server took another number of rows
     */
    void load(SessionPool pool, DeferredTable table, DumpedPart part) {
        try (Session session = pool.session("loading part " + part.number() + " of table " + table.label())) {
            session.committed(transaction -> {
                Ddl.silence(transaction);
                prepare(transaction);
                if (evidence.claim(transaction, table, isUnlogged(transaction, table), part)) {
                    copy(transaction, table, part);
                }
                return part;
            });
        }
    }

    /** Has a transaction be fit to load. */
    static void prepare(Session session) {
        // Who tells elsewhere of what is loaded flushes first.
        session.execute("SET LOCAL synchronous_commit = off");
        // Nobody reads the server's notices while the rows are sent: enough of them would block both sides.
        session.execute("SET LOCAL client_min_messages = error");
        // Settings of the database, in force by now, that would change what the texts mean.
        session.execute("SET LOCAL xmloption = content; SET LOCAL array_nulls = on");
    }

    private static boolean isUnlogged(Session session, DeferredTable table) {
        String sql = """
                SELECT c.relpersistence = 'u' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?
                """;
        return session.first(sql, row -> row.getBoolean(1), table.schema(), table.name())
                .orElseThrow(() -> failure(
                        session,
                        "table " + table.label() + " is missing",
                        "Was it dropped or renamed since the database was opened for clients? Put it back, then run"
                                + " the same command again."));
    }

    private void copy(Session session, DeferredTable table, DumpedPart part) {
        long rows;
        // At its end the file has been read as a whole and found undamaged.
        try (PartReader reader = PartReader.open(files, part, table.label())) {
            rows = session.copyIn(new CopyCommand(table, encoding).in(), reader);
        }
        requireAll(session, "part " + part.number() + " of table " + table.label(), part.rows(), rows);
    }

    /** Looks before the commit whether the server took all rows that a part has. */
    static void requireAll(Session session, String part, long sent, long taken) {
        if (taken != sent) {
            throw failure(
                    session,
                    part + " has " + sent + " rows, of which the server took " + taken,
                    "Nothing of it was kept; run the same command again.");
        }
    }

    private static PgconvoyException failure(Session session, String what, String hint) {
        return new PgconvoyException(
                ErrorKind.TARGET,
                session.server().label() + ", database \"" + session.database() + "\": " + what,
                hint);
    }
}
