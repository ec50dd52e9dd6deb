package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Sessions of the source that have locked a table against everybody else, or wait to do so, for longer than a statement
 * should take: pg_dump locks every table at its beginning and waits behind them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit Locking</a>
 */
final class ExclusiveLockCheck implements ServerCheck {
    private final Duration patience;

    ExclusiveLockCheck() {
        this(Duration.ofSeconds(10));
    }

    /** For transactions that are older than this. */
    ExclusiveLockCheck(Duration patience) {
        this.patience = patience;
    }

    @Override
    public String name() {
        return "exclusive-locks";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        // The OID of the table is told, not its name, which only its own database knows.
        String sql = """
                SELECT d.datname, l.pid, count(*)
                  FROM pg_locks l
                  JOIN pg_database d ON d.oid = l.database
                  JOIN pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation >= 16384
                   AND d.datname = ANY (?) AND a.xact_start < clock_timestamp() - ? * interval '1 second'
                 GROUP BY 1, 2 ORDER BY 1, 2
                """;
        List<Place> places = Rows.list(
                situation.source().connection(),
                sql,
                row -> Place.of(
                        new DatabaseName(row.getString(1)),
                        "process " + row.getInt(2)
                                + (row.getLong(3) == 1 ? ", 1 table" : ", " + row.getLong(3) + " tables")),
                Databases.names(situation),
                patience.toSeconds());
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                name(),
                                "sessions hold or await ACCESS EXCLUSIVE locks on tables, for which pg_dump will wait",
                                "Look for them in pg_stat_activity and pg_locks on the source, and let them end, or end"
                                        + " them with SELECT pg_terminate_backend(PROCESS).")
                        .on(Side.SOURCE)
                        .at(places));
    }
}
