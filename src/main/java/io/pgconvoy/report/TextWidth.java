package io.pgconvoy.report;

import org.jline.utils.WCWidth;

/** How many columns of a terminal a text takes: two for each East Asian wide character, none for a combining one. */
final class TextWidth {
    private static final String CUT = "...";

    private TextWidth() {}

    static int of(String text) {
        return text.codePoints().map(TextWidth::of).sum();
    }

    /** The text itself where it fits, else as much of its beginning as fits with three dots after it. */
    static String cut(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        String dots = CUT.substring(0, Math.max(0, Math.min(CUT.length(), columns)));
        int room = columns - dots.length();
        int end = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            room -= of(codePoint);
            if (room < 0) {
                break;
            }
            end += Character.charCount(codePoint);
        }
        return text.substring(0, end) + dots;
    }

    /** The text with spaces after it, to at least so many columns. */
    static String padRight(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - of(text)));
    }

    /** The text with spaces before it, to at least so many columns. */
    static String padLeft(String text, int columns) {
        return " ".repeat(Math.max(0, columns - of(text))) + text;
    }

    private static int of(int codePoint) {
        return Math.max(0, WCWidth.wcwidth(codePoint));
    }
}
