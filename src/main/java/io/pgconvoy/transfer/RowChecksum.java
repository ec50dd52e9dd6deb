package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.Markers.TableRows;
import java.sql.Connection;
import java.sql.SQLException;

/** Computes the checksum of some rows of a table. */
@FunctionalInterface
public interface RowChecksum {
    /**
     * Computes it.
     *
     * @param connection in a transaction, some settings of which it may change
     * @param condition on the rows of the table, which it may call {@code t}
     * @return how many rows these are, and their checksum
     */
    TableRows of(Connection connection, DeferredTable table, String condition) throws SQLException;
}
