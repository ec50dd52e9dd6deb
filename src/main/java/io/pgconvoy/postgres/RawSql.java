package io.pgconvoy.postgres;

import io.pgconvoy.config.RawText;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A statement that holds bytes which are no UTF-8, and which the driver cannot send: its text is put together in a database
 * of encoding SQL_ASCII, by PL/pgSQL, and run there. Rows come through a cursor. Not so for what runs in no function, such
 * as VACUUM, and for COPY.
 *
 * @param text what to send
 * @param hasRows whether rows come of it, after other results
 */
record RawSql(String text, boolean hasRows) {
    private static final String CURSOR = "pgconvoy_raw";
    private static final Set<String> WITH_ROWS = Set.of("select", "with", "values", "table");

    /** @param parameters for the question marks of a prepared statement, from 1 on */
    static RawSql of(String sql, Map<Integer, Object> parameters) {
        String whole = parameters.isEmpty() ? sql : filled(sql, parameters);
        String bytes = "pg_catalog.convert_from(pg_catalog.decode('"
                + HexFormat.of().formatHex(RawText.encode(whole)) + "', 'hex'), 'SQL_ASCII')";
        String first = whole.strip().split("[^A-Za-z]", 2)[0].toLowerCase(Locale.ROOT);
        return WITH_ROWS.contains(first) || whole.strip().startsWith("(")
                ? new RawSql(
                        "DO 'DECLARE c refcursor := ''" + CURSOR + "''; BEGIN OPEN c NO SCROLL FOR EXECUTE "
                                + bytes.replace("'", "''") + "; END'; FETCH ALL FROM " + CURSOR + "; CLOSE " + CURSOR,
                        true)
                : new RawSql("DO 'BEGIN EXECUTE " + bytes.replace("'", "''") + "; END'", false);
    }

    /** With literals for the question marks that stand outside of quotes. */
    private static String filled(String sql, Map<Integer, Object> parameters) {
        StringBuilder filled = new StringBuilder();
        int number = 0;
        char quote = 0;
        for (int i = 0; i < sql.length(); i++) {
            char character = sql.charAt(i);
            if (quote == 0 && character == '?') {
                Object value = parameters.get(++number);
                filled.append(value == null ? "NULL" : Sql.literal(value.toString()));
                continue;
            }
            if (quote == 0 && (character == '\'' || character == '"')) {
                quote = character;
            } else if (character == quote) {
                quote = 0;
            }
            filled.append(character);
        }
        return filled.toString();
    }
}
