package io.pgconvoy.catalog;

import io.pgconvoy.config.RawText;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Texts of the catalogs that all databases share, which hold the bytes of whichever database a text was written in, and no
 * word on their encoding: a role's comment from a database of LATIN1 is no UTF-8. They are read as {@link RawText}.
 */
public final class SharedText {
    private SharedText() {}

    /** An expression for the bytes of a text, in the statement's database. */
    public static String bytes(Statement statement, String text) throws SQLException {
        return bytes(RawEncoding.serverEncoding(statement), text);
    }

    /** As {@link #bytes(Statement, String)}. */
    public static String bytes(Session session, String text) {
        return bytes(RawEncoding.serverEncoding(session), text);
    }

    private static String bytes(String encoding, String text) {
        if (encoding.equals("UTF8")) {
            // From UTF-8 to UTF-8 nothing is converted, and nothing checked.
            return text + "::pg_catalog.text";
        }
        // convert_to() checks, which finds nothing where every byte is a character.
        return encoding.startsWith("EUC_") || encoding.equals("MULE_INTERNAL")
                ? "pg_catalog.decode(pg_catalog.replace(" + text + "::pg_catalog.text, E'\\\\', E'\\\\\\\\'), 'escape')"
                : "pg_catalog.convert_to(" + text + "::pg_catalog.text, '" + encoding + "')";
    }

    /** The text of a column that {@link #bytes} made; empty where it is null. */
    public static Optional<String> read(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column)).map(RawText::decode);
    }

    /** As {@link #read(ResultSet, int)}. */
    public static Optional<String> read(Row row, int column) {
        return Optional.ofNullable(row.getBytes(column)).map(RawText::decode);
    }

    /** As {@link #name(ResultSet, int)}. */
    public static String name(Row row, int column) {
        return RawText.decode(row.getBytes(column));
    }

    /** As {@link #read(ResultSet, int)}, by the column's name. */
    public static Optional<String> read(ResultSet row, String column) throws SQLException {
        return read(row, row.findColumn(column));
    }

    /** The text of a column that is not null. */
    public static String name(ResultSet row, int column) throws SQLException {
        return RawText.decode(row.getBytes(column));
    }
}
