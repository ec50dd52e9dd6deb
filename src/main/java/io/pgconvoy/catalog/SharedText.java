package io.pgconvoy.catalog;

import io.pgconvoy.postgres.RawEncoding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Texts of the catalogs that all databases share, which hold the bytes of whichever database a text was written in, and no
 * word on their encoding: a role's comment from a database of LATIN1 is no UTF-8. Such a text is left out, never changed;
 * the preflight names it.
 */
public final class SharedText {
    private SharedText() {}

    /** An expression for the bytes of a text, in the statement's database. */
    public static String bytes(Statement statement, String text) throws SQLException {
        String encoding = RawEncoding.serverEncoding(statement);
        // From UTF-8 to UTF-8 nothing is converted, and nothing checked; any other encoding is named to itself.
        return encoding.equals("UTF8")
                ? text + "::pg_catalog.text"
                : "pg_catalog.convert_to(" + text + "::pg_catalog.text, '" + encoding + "')";
    }

    /** The text of a column that {@link #bytes} made; empty where it is null, or no UTF-8. */
    public static Optional<String> read(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? Optional.empty() : RawEncoding.utf8(bytes);
    }

    /** As {@link #read}, by the column's name. */
    public static Optional<String> read(ResultSet row, String column) throws SQLException {
        return read(row, row.findColumn(column));
    }

    /** A name for people and comparisons where it is no UTF-8: {@code caf\xe9}, which is nobody's on the target. */
    static String printed(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return RawEncoding.utf8(bytes).orElseGet(() -> RawEncoding.printed(bytes));
    }

    /** Whether a column that {@link #bytes} made holds something, and that is no UTF-8. */
    static boolean isForeign(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes != null && RawEncoding.utf8(bytes).isEmpty();
    }
}
