package io.pgconvoy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which tables of one database are meant: {@code DATABASE.TABLE_PATTERN}, in any schema, or {@code
 * DATABASE.SCHEMA.TABLE_PATTERN}. Database and schema are names, the table's part is a {@link Glob}. A part in double
 * quotes means itself, whatever it holds ({@code ""} stands for a quote); elsewhere a backslash has the next character
 * mean itself. All is case-sensitive.
 */
public final class TablePattern {
    private static final String FORM =
            "Give DATABASE.TABLE or DATABASE.SCHEMA.TABLE; * and ? are allowed in the table's part, and a part that"
                    + " holds dots or quotes goes in double quotes: 'shop.order*' or 'shop.public.\"a.b\"'.";

    private final String text;
    private final DatabaseName database;
    private final Optional<String> schema;
    private final Glob table;

    private TablePattern(String text, DatabaseName database, Optional<String> schema, Glob table) {
        this.text = text;
        this.database = database;
        this.schema = schema;
        this.table = table;
    }

    /**
     * Reads one pattern.
     *
     * @param option the option as the user typed it, for the error
     * @throws PgconvoyException of kind USAGE where it has not the form above
     */
    public static TablePattern parse(String option, String text) {
        Objects.requireNonNull(text);
        List<String> parts = new Parts(option, text).read();
        if (parts.size() != 2 && parts.size() != 3) {
            throw mistake(option, text, "has " + parts.size() + (parts.size() == 1 ? " part" : " parts"));
        }
        // Literal names went through the same reading as patterns: what is escaped in them means itself.
        return new TablePattern(
                text,
                new DatabaseName(unescape(parts.get(0))),
                parts.size() == 3 ? Optional.of(unescape(parts.get(1))) : Optional.empty(),
                Glob.parse(option, parts.get(parts.size() - 1)));
    }

    /** Splits a text with one pattern a line; a line break inside of double quotes belongs to its name. */
    public static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && !quoted) {
                i++;
            } else if (c == '\n' && !quoted) {
                lines.add(text.substring(start, i));
                start = i + 1;
            }
        }
        if (start < text.length() || lines.isEmpty()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    /** A table's name in a form that {@link #parse} reads as this very table. */
    public static String of(DatabaseName database, String schema, String table) {
        return part(database.value()) + "." + part(schema) + "." + part(table);
    }

    /** A name as a part of a pattern: quoted where that is needed for it to mean itself. */
    public static String part(String name) {
        boolean plain = name.codePoints()
                .allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '$' || c == '/');
        return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    public DatabaseName database() {
        return database;
    }

    /** The schema; empty for all. */
    public Optional<String> schema() {
        return schema;
    }

    /** The table's part. */
    public Glob table() {
        return table;
    }

    public boolean matches(String schemaName, String tableName) {
        return schema.map(schemaName::equals).orElse(true) && table.matches(tableName);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TablePattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As the user wrote it. */
    @Override
    public String toString() {
        return text;
    }

    private static String unescape(String part) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) == '\\') {
                i++;
            }
            name.append(part.charAt(i));
        }
        return name.toString();
    }

    private static PgconvoyException mistake(String option, String text, String what) {
        return PgconvoyException.usage(option + ": the pattern '" + text + "' " + what, FORM);
    }

    /** Reads the parts between the dots, each as a {@link Glob} has it: of a quoted part everything is escaped. */
    private static final class Parts {
        private final String option;
        private final String text;
        private int at;

        Parts(String option, String text) {
            this.option = option;
            this.text = text;
        }

        List<String> read() {
            List<String> parts = new ArrayList<>();
            do {
                String part = at < text.length() && text.charAt(at) == '"' ? quoted() : plain();
                if (part.isEmpty()) {
                    throw mistake(
                            option, text, parts.isEmpty() && at == text.length() ? "is empty" : "has an empty part");
                }
                parts.add(part);
                // What ended the part was a dot, or the text's end.
            } while (at++ < text.length());
            return parts;
        }

        private String plain() {
            int start = at;
            while (at < text.length() && text.charAt(at) != '.') {
                if (text.charAt(at) == '"') {
                    throw mistake(option, text, "has a quote within a part that does not begin with one");
                }
                if (text.charAt(at) == '\\' && ++at == text.length()) {
                    throw mistake(option, text, "ends in a lone backslash");
                }
                at++;
            }
            return text.substring(start, at);
        }

        private String quoted() {
            StringBuilder escaped = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    if (at == text.length() || text.charAt(at) == '.') {
                        return escaped.toString();
                    }
                    if (text.charAt(at) != '"') {
                        throw mistake(option, text, "goes on behind a closing quote");
                    }
                }
                escaped.append(c == '\\' || c == '*' || c == '?' ? "\\" : "").append(c);
            }
            throw mistake(option, text, "has no closing quote");
        }
    }
}
