package io.pgconvoy.postgres;

import java.util.List;
import java.util.stream.Collectors;

/** The one quoting class: every name and every text that becomes part of an SQL statement passes through here. */
public final class Sql {
    private Sql() {}

    /** Quotes an identifier, always: {@code a"b} becomes {@code "a""b"}. */
    public static String identifier(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("an identifier holds no NUL");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Quotes a qualified name: {@code "schema"."name"}. */
    public static String qualified(String schema, String name) {
        return identifier(schema) + "." + identifier(name);
    }

    /** Quotes a text so that it means itself whatever standard_conforming_strings is: {@code 'it''s'}, {@code E'a\\b'}. */
    public static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a literal holds no NUL");
        }
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }

    /** Quoted identifiers, separated by commas. */
    public static String identifiers(List<String> names) {
        return names.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }

    /**
     * Quotes one value of a libpq connection string ({@code dbname='a=b'}), as its documentation says: backslash before
     * single quote and backslash.
     *
     * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE">Keyword/value
     *     connection strings</a>
     */
    public static String conninfoValue(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
