package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Transactions of the source that have been open for long: what they have not committed by the dump is not in it. */
final class LongTransactionCheck implements ServerCheck {
    private final Duration patience;

    LongTransactionCheck() {
        this(Duration.ofHours(1));
    }

    /** For transactions that are older than this. */
    LongTransactionCheck(Duration patience) {
        this.patience = patience;
    }

    @Override
    public String name() {
        return "long-transactions";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        // Only those that have written have a transaction ID; pg_dump's and other readers' lose nothing.
        String sql = """
                SELECT datname, pid, to_char(xact_start, 'YYYY-MM-DD HH24:MI') || ' UTC'
                  FROM pg_stat_activity
                 WHERE datname = ANY (?) AND backend_xid IS NOT NULL
                   AND xact_start < clock_timestamp() - ? * interval '1 second'
                 ORDER BY xact_start
                """;
        List<Place> places = Rows.list(
                situation.source().connection(),
                sql,
                row -> Place.of(
                        new DatabaseName(row.getString(1)), "process " + row.getInt(2) + " since " + row.getString(3)),
                Databases.names(situation),
                patience.toSeconds());
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.note(
                                name(),
                                "transactions that have written are open for more than an hour; what they do not commit"
                                        + " before the dump begins is not in it",
                                "Have them committed, or ended, before the migration begins.")
                        .on(Side.SOURCE)
                        .at(places));
    }
}
