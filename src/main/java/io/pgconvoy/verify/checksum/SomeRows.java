package io.pgconvoy.verify.checksum;

import io.pgconvoy.catalog.UserRows;
import io.pgconvoy.journal.Markers.TableRows;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Optional;

/** Has a server compute the checksum of some rows of one table, as {@link ChecksumReader} does of all. */
public final class SomeRows {
    private SomeRows() {}

    /**
     * Reads them in one query.
     *
     * @param session in a transaction, some settings of which change
     * @param condition on the rows of the table, which it may call {@code t}; names in it need their schema
     * @return no rows where there is no such table
     */
    public static TableRows read(Session session, String schema, String table, String condition) {
        List<DigestTable> found = DigestTableReader.read(
                session, one -> one.schema().equals(schema) && one.name().equals(table));
        RowSum sum = RowSum.NONE;
        if (!found.isEmpty()) {
            DigestSession.pin(session);
            DigestTable one = found.get(0);
            // Columns of whatever the condition reads must not be mistaken for the table's.
            String rows = "(SELECT t.* FROM ONLY " + one.quotedName() + " AS t WHERE " + condition + ") AS r";
            sum = UserRows.list(session, SumQuery.of("0", one.digest(), rows), row -> SumQuery.read(row, 2))
                    .get(0);
        }
        return new TableRows(schema, table, Optional.empty(), Optional.of(sum.rows()), Optional.of(sum.checksum()));
    }
}
