package io.pgconvoy.verify.checksum;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.plan.TableParts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one query reads of a table.
 *
 * @param table its number in a list
 * @param range an SQL condition that holds for this part's rows; empty for the whole table
 * @param bytes about how big it is
 */
record TablePart(int table, Optional<String> range, long bytes) {
    /** Cuts those tables that are large and can be read by ranges of ctid; of each table, the parts are all its rows. */
    static List<TablePart> of(List<DigestTable> tables, ByteSize partSize) {
        List<TablePart> parts = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            DigestTable table = tables.get(i);
            int wished = TableParts.count(new ByteSize(table.bytes()), partSize);
            // What of an extension's table is carried over is a condition of its own; such a table is small.
            List<Long> cuts =
                    table.table().condition().isPresent() ? List.of() : TableParts.pageCuts(table.pages(), wished);
            if (cuts.isEmpty()) {
                parts.add(new TablePart(i, Optional.empty(), table.bytes()));
                continue;
            }
            for (int cut = 0; cut <= cuts.size(); cut++) {
                List<String> bounds = new ArrayList<>();
                if (cut > 0) {
                    bounds.add("ctid >= '(" + cuts.get(cut - 1) + ",0)'::pg_catalog.tid");
                }
                if (cut < cuts.size()) {
                    bounds.add("ctid < '(" + cuts.get(cut) + ",0)'::pg_catalog.tid");
                }
                parts.add(
                        new TablePart(i, Optional.of(String.join(" AND ", bounds)), table.bytes() / (cuts.size() + 1)));
            }
        }
        return parts;
    }
}
