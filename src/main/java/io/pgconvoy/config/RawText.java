package io.pgconvoy.config;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Bytes that need not be UTF-8, as a text that loses none of them: the name of a table in a database of encoding SQL_ASCII,
 * or of a role that was written in a database of LATIN1. What is UTF-8 is read as that; any other byte becomes one of the
 * last private characters of Unicode, from U+10FF80 on. Two texts are equal where their bytes are.
 */
public final class RawText {
    /** The character of a byte is this and the byte, which is 0x80 at least: all below is UTF-8. */
    private static final int BASE = 0x10FF00;

    private static final int FIRST = BASE + 0x80;
    private static final int LAST = BASE + 0xFF;

    private RawText() {}

    /** The text of the bytes. */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        StringBuilder text = new StringBuilder(bytes.length);
        boolean more = true;
        while (more) {
            CoderResult result = decoder.decode(in, out, true);
            out.flip();
            append(text, out);
            out.clear();
            more = result.isError();
            for (int i = 0; more && i < result.length(); i++) {
                text.appendCodePoint(BASE + Byte.toUnsignedInt(in.get()));
            }
            decoder.reset();
        }
        return text.toString();
    }

    /** A character that would mean a byte is taken apart into its own bytes, so that no two texts look alike. */
    private static void append(StringBuilder text, CharBuffer valid) {
        valid.codePoints().forEach(codePoint -> {
            if (isByte(codePoint)) {
                for (byte one : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                    text.appendCodePoint(BASE + Byte.toUnsignedInt(one));
                }
            } else {
                text.appendCodePoint(codePoint);
            }
        });
    }

    /** The bytes of the text. */
    public static byte[] encode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        text.codePoints().forEach(codePoint -> {
            if (isByte(codePoint)) {
                bytes.write(codePoint - BASE);
            } else {
                bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Whether there is any byte in the text that is not UTF-8. */
    public static boolean isRaw(CharSequence text) {
        // All of these characters begin alike, and next to no text holds such a beginning.
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i)) && isByte(Character.codePointAt(text, i))) {
                return true;
            }
        }
        return false;
    }

    /** The text as people can read it: {@code caf\xe9}. */
    public static String printed(String text) {
        return printed(text, "\\x%02x");
    }

    /** The same of a text in JSON, which stays JSON. */
    public static String json(String text) {
        return printed(text, "\\\\x%02x");
    }

    private static String printed(String text, String form) {
        if (!isRaw(text)) {
            return text;
        }
        StringBuilder printed = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(codePoint -> {
            if (isByte(codePoint)) {
                printed.append(String.format(Locale.ROOT, form, codePoint - BASE));
            } else {
                printed.appendCodePoint(codePoint);
            }
        });
        return printed.toString();
    }

    private static boolean isByte(int codePoint) {
        return codePoint >= FIRST && codePoint <= LAST;
    }
}
