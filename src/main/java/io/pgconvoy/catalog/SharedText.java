package io.pgconvoy.catalog;

import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Optional;

/**
 * Texts of the catalogs that all databases share, which hold the bytes of whichever database a text was written in, and no
 * word on their encoding: a role's comment from a database of LATIN1 is no UTF-8. They are read as {@link RawText}.
 */
public final class SharedText {
    private SharedText() {}

    /** An expression for the bytes of a text, in the session's database. */
    public static String bytes(Session session, String text) {
        String encoding = session.encoding();
        if (encoding.equals("UTF8")) {
            // From UTF-8 to UTF-8 nothing is converted, and nothing checked.
            return text + "::pg_catalog.text";
        }
        // convert_to() checks, which finds nothing where every byte is a character.
        return encoding.startsWith("EUC_") || encoding.equals("MULE_INTERNAL")
                ? "pg_catalog.decode(pg_catalog.replace(" + text + "::pg_catalog.text, E'\\\\', E'\\\\\\\\'), 'escape')"
                : "pg_catalog.convert_to(" + text + "::pg_catalog.text, '" + encoding + "')";
    }

    /** A text that is not null, of all rows of a query without its SELECT. */
    static List<String> all(Session session, String text, String from) {
        return session.list("SELECT " + bytes(session, text) + " " + from, row -> name(row, 1));
    }

    /** The text of a column that {@link #bytes} made; empty where it is null. */
    public static Optional<String> read(Row row, int column) {
        return Optional.ofNullable(row.getBytes(column)).map(RawText::decode);
    }

    /** As {@link #read}, by the column's name. */
    public static Optional<String> read(Row row, String column) {
        return Optional.ofNullable(row.getBytes(column)).map(RawText::decode);
    }

    /** The text of a column that is not null. */
    public static String name(Row row, int column) {
        return RawText.decode(row.getBytes(column));
    }

    /** As {@link #name}, by the column's name. */
    public static String name(Row row, String column) {
        return RawText.decode(row.getBytes(column));
    }
}
