package io.pgconvoy.testing;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Statements for databases of encoding SQL_ASCII whose every character is one byte, as a client of LATIN1 sends them. */
public final class RawStatement {
    private RawStatement() {}

    /** A block that runs the statement; all its characters are below 0x100. */
    public static String of(String latin) {
        return "DO $$ BEGIN EXECUTE convert_from(decode('"
                + HexFormat.of().formatHex(latin.getBytes(StandardCharsets.ISO_8859_1))
                + "', 'hex'), 'SQL_ASCII'); END $$";
    }

    /** A database that holds any bytes. */
    public static String createDatabase(String name, String encoding) {
        return "CREATE DATABASE " + Quote.identifier(name) + " ENCODING " + Quote.literal(encoding)
                + " LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    }
}
