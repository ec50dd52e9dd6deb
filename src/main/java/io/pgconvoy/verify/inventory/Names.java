package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.List;

/** Printed names, some of which are in double quotes; all reports on a comparison have names in this form. */
public final class Names {
    private Names() {}

    /** An object in a schema, on one line. */
    public static String printed(String schema, String name) {
        return printed(quoted(schema) + "." + quoted(name));
    }

    /** A name with quotes where it must have them, but for keywords. */
    public static String quoted(String name) {
        return SqlTokens.withoutNeedlessQuotes(Sql.identifier(name));
    }

    /** Splits a text at a separator that is not within double quotes. */
    static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '"') {
                quoted = !quoted;
            } else if (!quoted && text.startsWith(separator, i)) {
                parts.add(text.substring(start, i));
                i += separator.length() - 1;
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    /** A text on one line: control characters are written as PostgreSQL writes them, {@code \n} or {@code \x01}. */
    public static String printed(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        line.append(String.format("\\x%02x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        return line.toString();
    }
}
