package io.pgconvoy.config;

import java.nio.charset.StandardCharsets;

/** The one encoder of names into file names: no name leaves its folder, no two names share a file. */
public final class FileNames {
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789_-";

    private FileNames() {}

    /**
     * Encodes any name as a single path element. Lower-case letters, digits, {@code _} and {@code -} stay; every other
     * byte of the name's UTF-8 form becomes {@code %xx}. Upper case is encoded too, since file systems exist that
     * ignore case. An identifier's 63 bytes become at most 189.
     */
    public static String encode(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (PLAIN.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02x", (int) c));
            }
        }
        return encoded.toString();
    }
}
