package io.pgconvoy.preflight.server;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The checks for what others do on the source, each a query and what is said of its rows. */
public final class SourceActivityChecks {
    private SourceActivityChecks() {}

    /**
     * What they did is in no dump, and their locks are kept for as long as they are there.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-prepare-transaction.html">PREPARE TRANSACTION</a>
     */
    public static ServerCheck preparedTransactions() {
        return new ActivityCheck(
                "prepared-transactions",
                "prepared transactions on the source, which are in no dump",
                Severity.WARNING,
                "prepared transactions stay behind, and what they changed is in no dump; their locks may have pg_dump wait",
                "COMMIT PREPARED or ROLLBACK PREPARED each in its database.",
                """
                SELECT database, '''' || gid || ''''
                  FROM pg_prepared_xacts WHERE database = ANY (?) ORDER BY database, prepared
                """);
    }

    /**
     * Sessions that have locked a table against everybody else, or wait to do so, for longer than a statement should take:
     * pg_dump locks every table at its beginning and waits behind them. The OID of the table is known, not its name, which
     * only its own database knows.
     *
     * @param patience for transactions that are older than this
     * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit Locking</a>
     */
    public static ServerCheck exclusiveLocks(Duration patience) {
        return new ActivityCheck(
                "exclusive-locks",
                "sessions that for more than ten seconds hold or await ACCESS EXCLUSIVE locks, for which pg_dump waits",
                Severity.WARNING,
                "sessions hold or await ACCESS EXCLUSIVE locks on tables, for which pg_dump will wait",
                "Look for them in pg_stat_activity and pg_locks on the source, and let them end, or end them with SELECT"
                        + " pg_terminate_backend(PROCESS).",
                """
                SELECT d.datname, 'process ' || l.pid || ', ' || count(*) || CASE count(*) WHEN 1 THEN ' table' ELSE ' tables' END
                  FROM pg_locks l
                  JOIN pg_database d ON d.oid = l.database
                  JOIN pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation >= 16384
                   AND d.datname = ANY (?) AND a.xact_start < clock_timestamp() - ? * interval '1 second'
                 GROUP BY d.datname, l.pid ORDER BY d.datname, l.pid
                """,
                patience.toSeconds());
    }

    /**
     * What these have not committed by the dump is not in it. Only those that have written have a transaction ID; pg_dump's
     * and other readers' lose nothing.
     *
     * @param patience for transactions that are older than this
     */
    public static ServerCheck longTransactions(Duration patience) {
        return new ActivityCheck(
                "long-transactions",
                "transactions that have written and are open for more than an hour; what they commit later is in no dump",
                Severity.NOTE,
                "transactions that have written are open for more than an hour; what they do not commit before the dump"
                        + " begins is not in it",
                "Have them committed, or ended, before the migration begins.",
                """
                SELECT datname, 'process ' || pid || ' since ' || to_char(xact_start, 'YYYY-MM-DD HH24:MI') || ' UTC'
                  FROM pg_stat_activity
                 WHERE datname = ANY (?) AND backend_xid IS NOT NULL
                   AND xact_start < clock_timestamp() - ? * interval '1 second'
                 ORDER BY xact_start
                """,
                patience.toSeconds());
    }

    /** A check that asks the source one question and says one thing of all that is the answer. */
    private static final class ActivityCheck extends ServerCheck {
        private final Finding finding;
        private final String query;
        private final List<Object> further;

        /**
         * @param query for databases and what is in them; its first parameter is the names of those that are to be moved
         */
        ActivityCheck(
                String name,
                String about,
                Severity severity,
                String what,
                String advice,
                String query,
                Object... further) {
            super(name, severity.name().toLowerCase(Locale.ROOT), about);
            this.finding = blocker(what, advice).as(severity).on(Side.SOURCE);
            this.query = query;
            this.further = List.of(further);
        }

        @Override
        public List<Finding> run(CheckContext context) {
            return found(finding.at(context.onSource()
                    .list(
                            query,
                            row -> Place.of(new DatabaseName(row.getString(1)), row.getString(2)),
                            Stream.concat(Stream.of(context.names()), further.stream())
                                    .toArray())));
        }
    }
}
