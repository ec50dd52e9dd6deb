package io.pgconvoy.config;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A pattern for names: {@code *} stands for any characters, {@code ?} for one; everything else for itself,
 * case-sensitively. {@code \*}, {@code \?} and {@code \\} stand for the characters themselves.
 */
public final class Glob {
    private final String text;
    private final Pattern pattern;

    private Glob(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /**
     * @param option the option as the user typed it, for the error
     * @throws PgconvoyException of kind USAGE when the pattern is empty or ends in a lone backslash
     */
    public static Glob parse(String option, String text) {
        Objects.requireNonNull(text);
        if (text.isEmpty()) {
            throw PgconvoyException.usage(
                    option + ": the pattern is empty", "Give a name or a pattern such as 'shop_*'.");
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                if (++i == text.length()) {
                    throw PgconvoyException.usage(
                            option + ": the pattern '" + text + "' ends in a lone backslash",
                            "Write \\\\ for a backslash, \\* for an asterisk.");
                }
                regex.append(Pattern.quote(text.substring(i, i + 1)));
            } else if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else {
                int end = Character.isHighSurrogate(c) && i + 1 < text.length() ? i + 2 : i + 1;
                regex.append(Pattern.quote(text.substring(i, end)));
                i = end - 1;
            }
        }
        return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
    }

    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Glob glob && glob.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
