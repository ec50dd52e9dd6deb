package io.pgconvoy.verify.inventory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Takes apart an expression or a query as a server prints it (ruleutils.c in its source): names, literals, numbers,
 * operators, punctuation. Names that need no quotes lose them, since keywords, which a server quotes, are others in each
 * version.
 */
final class SqlTokens {
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");
    private static final String OPERATORS = "+-*/<>=~!@#%^&|`?";

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private int position;

    private SqlTokens(String text) {
        this.text = text;
    }

    static List<String> of(String text) {
        SqlTokens tokens = new SqlTokens(text);
        tokens.read();
        return tokens.tokens;
    }

    /** A printed identity without the quotes that only keywords have. */
    static String withoutNeedlessQuotes(String text) {
        if (text.indexOf('"') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        int position = 0;
        while (position < text.length()) {
            if (text.charAt(position) == '"') {
                int end = endOfQuoted(text, position, '"');
                plain.append(unquoted(text.substring(position, end)));
                position = end;
            } else {
                plain.append(text.charAt(position++));
            }
        }
        return plain.toString();
    }

    static boolean isName(String token) {
        return token.startsWith("\"") || Character.isLetter(token.charAt(0)) || token.charAt(0) == '_';
    }

    static boolean isNumber(String token) {
        char first = token.charAt(0);
        return isDigit(first) || (first == '.' && token.length() > 1);
    }

    private void read() {
        while (position < text.length()) {
            char next = text.charAt(position);
            if (Character.isWhitespace(next)) {
                position++;
            } else if (next == '\'' || ("EBX".indexOf(next) >= 0 && at(position + 1) == '\'')) {
                literal(next);
            } else if (next == '"') {
                int end = endOfQuoted(text, position, '"');
                tokens.add(unquoted(text.substring(position, end)));
                position = end;
            } else if (isDigit(next) || (next == '.' && isDigit(at(position + 1)))) {
                number();
            } else if (Character.isLetter(next) || next == '_') {
                int start = position;
                while (position < text.length() && isPartOfName(text.charAt(position))) {
                    position++;
                }
                tokens.add(text.substring(start, position).toLowerCase(Locale.ROOT));
            } else if (next == ':' && at(position + 1) == ':') {
                tokens.add("::");
                position += 2;
            } else if (OPERATORS.indexOf(next) >= 0) {
                int start = position;
                while (position < text.length() && OPERATORS.indexOf(text.charAt(position)) >= 0) {
                    position++;
                }
                tokens.add(text.substring(start, position));
            } else {
                tokens.add(String.valueOf(next));
                position++;
            }
        }
    }

    private void literal(char first) {
        int start = position;
        int quote = first == '\'' ? position : position + 1;
        if (first == 'E') {
            position = quote + 1;
            // A doubled quote and a backslash with what it escapes are two characters inside.
            while (position < text.length() && (text.charAt(position) != '\'' || at(position + 1) == '\'')) {
                position += text.charAt(position) == '\\' || text.charAt(position) == '\'' ? 2 : 1;
            }
            position = Math.min(position + 1, text.length());
        } else {
            position = endOfQuoted(text, quote, '\'');
        }
        tokens.add(text.substring(start, position));
    }

    private void number() {
        int start = position;
        while (position < text.length() && isPartOfNumber()) {
            position++;
        }
        tokens.add(text.substring(start, position));
    }

    private boolean isPartOfNumber() {
        char c = text.charAt(position);
        boolean sign = c == '-' || c == '+';
        return isDigit(c) || c == '.' || c == 'e' || (sign && text.charAt(position - 1) == 'e');
    }

    private char at(int index) {
        return index < text.length() ? text.charAt(index) : '\0';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isPartOfName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private static String unquoted(String quoted) {
        String inside = quoted.length() > 1 ? quoted.substring(1, quoted.length() - 1) : quoted;
        return PLAIN.matcher(inside).matches() ? inside : quoted;
    }

    /** The position after the closing quote; a doubled quote is a quote inside. */
    private static int endOfQuoted(String text, int start, char quote) {
        int position = start + 1;
        while (position < text.length()) {
            if (text.charAt(position) == quote) {
                if (position + 1 < text.length() && text.charAt(position + 1) == quote) {
                    position++;
                } else {
                    return position + 1;
                }
            }
            position++;
        }
        return text.length();
    }
}
