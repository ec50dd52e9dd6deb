package io.pgconvoy.report;

import io.pgconvoy.config.RawText;
import java.util.Locale;

/**
 * Text from elsewhere (names, messages of servers and tools) made safe to print: whatever could move the cursor, start a
 * new line or reorder what stands beside it is shown as an escape: {@code \n}, {@code \r}, {@code \t}, or a backslash,
 * {@code u} and four hexadecimal digits, or {@code U} and eight.
 *
 * <p>Backslashes stay as they are: the result is to be read by people, not to be read back.
 */
public final class Printable {
    private Printable() {}

    /** The text on one line, without control, format and line separator characters. */
    public static String of(String anything) {
        String text = RawText.printed(anything);
        if (text.codePoints().allMatch(Printable::isHarmless)) {
            return text;
        }
        StringBuilder printable = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(codePoint -> append(printable, codePoint));
        return printable.toString();
    }

    private static boolean isHarmless(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    // Among these are the marks that reverse the direction of writing.
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    private static void append(StringBuilder printable, int codePoint) {
        if (isHarmless(codePoint)) {
            printable.appendCodePoint(codePoint);
            return;
        }
        switch (codePoint) {
            case '\n' -> printable.append("\\n");
            case '\r' -> printable.append("\\r");
            case '\t' -> printable.append("\\t");
            default ->
                printable.append(String.format(Locale.ROOT, codePoint <= 0xffff ? "\\u%04x" : "\\U%08x", codePoint));
        }
    }
}
