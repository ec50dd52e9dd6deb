package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;

/** Computes the checksum of some rows of a table. */
@FunctionalInterface
public interface RowChecksum {
    /**
     * Computes it.
     *
     * @param session in a transaction, some settings of which it may change
     * @param condition on the rows of the table, which it may call {@code t}
     * @return how many rows these are, and their checksum
     */
    TableRows of(Session session, DeferredTable table, String condition);
}
