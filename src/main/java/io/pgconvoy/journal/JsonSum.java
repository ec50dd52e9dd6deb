package io.pgconvoy.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The sum (CRC-32C) that ends a journal file, as its object's last field. Earlier versions wrote none, and skip a field
 * that they do not know.
 */
final class JsonSum {
    private static final String FIELD = ",\n  \"fileSum\" : \"crc32c:";
    private static final String END = "\"\n}";
    private static final int DIGITS = 8;
    private static final int LENGTH = FIELD.length() + DIGITS + END.length();

    private JsonSum() {}

    /** A JSON object's bytes with their sum. */
    static byte[] append(byte[] json) {
        int end = bodyEnd(json);
        byte[] body = Arrays.copyOf(json, end);
        byte[] field = (FIELD + sum(body, end) + END).getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(body, end + field.length);
        System.arraycopy(field, 0, whole, end, field.length);
        return whole;
    }

    /** Whether a file is what was written, as far as that can be told: one without a sum is taken to be. */
    static boolean fits(byte[] file) {
        int end = file.length;
        while (end > 0 && Character.isWhitespace(file[end - 1])) {
            end--;
        }
        if (end < LENGTH) {
            return true;
        }
        int start = end - LENGTH;
        String field = new String(file, start, LENGTH, StandardCharsets.ISO_8859_1);
        int same = same(field);
        if (same == FIELD.length() + END.length()) {
            return field.substring(FIELD.length(), FIELD.length() + DIGITS).equals(sum(file, start));
        }
        // A damaged sum must not pass for none; nor one that something follows.
        return same < LENGTH / 2 && !new String(file, StandardCharsets.ISO_8859_1).contains(FIELD);
    }

    /** How many of the characters are as they must be, but for the digits. */
    private static int same(String field) {
        String template = FIELD + " ".repeat(DIGITS) + END;
        int same = 0;
        for (int i = 0; i < LENGTH; i++) {
            boolean digit = i >= FIELD.length() && i < FIELD.length() + DIGITS;
            if (!digit && field.charAt(i) == template.charAt(i)) {
                same++;
            }
        }
        return same;
    }

    /** Where the last field ends: before the closing brace and the white space around it. */
    private static int bodyEnd(byte[] json) {
        int end = json.length;
        while (json[end - 1] != '}') {
            end--;
        }
        end--;
        while (Character.isWhitespace(json[end - 1])) {
            end--;
        }
        return end;
    }

    private static String sum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
