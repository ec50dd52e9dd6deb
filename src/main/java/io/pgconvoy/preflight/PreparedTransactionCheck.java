package io.pgconvoy.preflight;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.List;

/**
 * Prepared transactions of the source: what they did is in no dump, and their locks are kept for as long as they are there.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-prepare-transaction.html">PREPARE TRANSACTION</a>
 */
final class PreparedTransactionCheck implements ServerCheck {
    @Override
    public String name() {
        return "prepared-transactions";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Place> places = Rows.list(
                situation.source().connection(),
                "SELECT database, gid FROM pg_prepared_xacts WHERE database = ANY (?) ORDER BY database, prepared",
                row -> Place.of(new DatabaseName(row.getString(1)), "'" + row.getString(2) + "'"),
                Databases.names(situation));
        return places.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                name(),
                                "prepared transactions stay behind, and what they changed is in no dump; their locks may"
                                        + " have pg_dump wait",
                                "COMMIT PREPARED or ROLLBACK PREPARED each in its database.")
                        .on(Side.SOURCE)
                        .at(places));
    }
}
