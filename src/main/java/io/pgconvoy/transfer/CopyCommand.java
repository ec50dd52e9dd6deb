package io.pgconvoy.transfer;

import io.pgconvoy.journal.DeferralMarkers.DeferredTable;
import io.pgconvoy.postgres.Sql;
import java.util.Optional;

/** The COPY of a table's part, on both sides: in the source database's encoding, so that no server converts anything. */
record CopyCommand(DeferredTable table, String encoding) {
    /** @param range which rows, as an SQL condition; empty for all */
    String out(Optional<String> range) {
        String name = Sql.qualified(table.schema(), table.name());
        String what = range.map(rows ->
                        "(SELECT " + Sql.identifiers(table.columns()) + " FROM ONLY " + name + " WHERE " + rows + ")")
                .orElse(name + columns());
        return "COPY " + what + " TO STDOUT (" + options() + ")";
    }

    /** Into the table alone: rows of a leaf partition go straight into it, and rules do not apply to COPY. */
    String in() {
        return in("");
    }

    /** The same for a table that was made or truncated in this transaction, whose rows need not be frozen later. */
    String inFrozen() {
        return in(", FREEZE");
    }

    private String in(String more) {
        return "COPY " + Sql.qualified(table.schema(), table.name()) + columns() + " FROM STDIN (" + options() + more
                + ")";
    }

    private String columns() {
        return table.columns().isEmpty() ? "" : " (" + Sql.identifiers(table.columns()) + ")";
    }

    private String options() {
        return "FORMAT " + (table.binary() ? "binary" : "text") + ", ENCODING " + Sql.literal(encoding);
    }
}
