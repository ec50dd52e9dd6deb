package io.pgconvoy.migration.target;

import io.pgconvoy.journal.DeferralMarkers.DeferredForeignKey;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.tools.RestoreError;
import io.pgconvoy.transfer.early.EarlyBuilds;
import io.pgconvoy.transfer.early.TableIndexes;
import java.util.List;
import java.util.Set;

/** Rows that go straight from a snapshot of the source into tables that an archive has made. */
public interface StreamedRows {
    /** The OIDs of the tables on the source. */
    Set<Long> tables();

    /** Whether the snapshot is still there. */
    boolean isThere();

    /** What can be built early, since it builds on the rows of one table alone that is large enough. */
    List<TableIndexes> indexes();

    /** Those of large tables, which are worth to be checked at once; none where there is one such table. */
    List<DeferredForeignKey> foreignKeys();

    /** Loads them all, and meanwhile builds on those tables that are through. */
    Loaded load(EarlyBuilds builds);

    /**
     * What came of it.
     *
     * @param rows of each table, on the source
     * @param errors one for each table that the target did not take
     */
    record Loaded(List<TableRows> rows, List<RestoreError> errors) {
        public Loaded {
            rows = List.copyOf(rows);
            errors = List.copyOf(errors);
        }
    }
}
