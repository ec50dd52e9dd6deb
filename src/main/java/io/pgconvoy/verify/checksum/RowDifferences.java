package io.pgconvoy.verify.checksum;

import java.util.List;
import java.util.Optional;

/**
 * What there is to say of a table whose rows differ. Values of a key are in it, no others.
 *
 * @param rows one line for each row that was found to differ, five at most
 * @param more whether there are more
 * @param query SQL to run on both servers so as to compare what it answers: those rows, or for a table without a key a
 *     digest of each row; empty where no difference was found
 */
public record RowDifferences(List<String> rows, boolean more, Optional<String> query) {
    public RowDifferences {
        rows = List.copyOf(rows);
    }
}
