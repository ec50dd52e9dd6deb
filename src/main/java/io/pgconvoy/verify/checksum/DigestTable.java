package io.pgconvoy.verify.checksum;

import io.pgconvoy.catalog.TableInfo;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.verify.checksum.ValueType.Field;
import java.util.List;

/**
 * A table whose rows are to be digested.
 *
 * @param columns those that count: what is stored, in the table's order
 * @param bytes on disk, long values included
 * @param pages of its heap, where ranges of ctid can be read by themselves; else 0
 */
record DigestTable(TableInfo table, List<Field> columns, long bytes, long pages) {
    DigestTable {
        columns = List.copyOf(columns);
    }

    String digest() {
        return RowDigest.of(columns);
    }

    /**
     * What follows FROM: the table's own rows, those that are carried over; children's count with the child, but for
     * partitions that a restore distributes anew.
     */
    String rows() {
        return (table.partitioned() ? "" : "ONLY ")
                + quotedName()
                + table.condition().map(text -> " " + text).orElse("");
    }

    String quotedName() {
        return Sql.qualified(table.schema(), table.name());
    }
}
