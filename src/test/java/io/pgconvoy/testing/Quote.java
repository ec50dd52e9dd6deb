package io.pgconvoy.testing;

/** Quotes names and texts for SQL in tests, independently of the code under test. */
public final class Quote {
    private Quote() {}

    /** A name as a quoted identifier. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A text as a string literal that means the same with standard_conforming_strings on and off. */
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'";
        return text.contains("\\") ? " E" + quoted : quoted;
    }
}
