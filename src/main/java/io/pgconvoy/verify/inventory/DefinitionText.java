package io.pgconvoy.verify.inventory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Long texts as digests, so that an inventory stays small, and the comparison of texts that servers print.
 *
 * <p>A digest of SQL has two parts: of the text as it is, and of its {@linkplain PortableSql portable form}. A third part
 * marks an array: {@code x IN ('a', 'b')} over a varchar gets its casts in another place each time it is restored.
 */
final class DefinitionText {
    /** Characters that are kept as they are. */
    private static final int KEPT = 160;

    private static final int DIGEST_BYTES = 12;
    private static final Pattern DIGEST = Pattern.compile("#[A-Za-z0-9_-]{16}(:[A-Za-z0-9_-]{16}(:array)?)?");
    private static final String ARRAY = "ARRAY[";

    private DefinitionText() {}

    /** A text that means nothing to us. */
    static String keep(String text) {
        return text.length() <= KEPT ? text : digest(text);
    }

    /** A text of SQL as a server printed it. */
    static String keepSql(String text) {
        return text.length() <= KEPT ? text : digestSql(text);
    }

    private static String digestSql(String text) {
        return digest(text) + ":" + digest(PortableSql.of(text)).substring(1) + (text.contains(ARRAY) ? ":array" : "");
    }

    /** Whether a kept text is but a digest, which tells a reader nothing. */
    static boolean isDigest(String kept) {
        return DIGEST.matcher(kept).matches();
    }

    /**
     * Whether two kept texts of SQL mean the same.
     *
     * @param sameMajor whether servers of the same major version printed them: then the texts are the same, too
     */
    static boolean sameSql(String source, String target, boolean sameMajor) {
        if (source.equals(target)) {
            return true;
        }
        if (isDigest(source) || isDigest(target)) {
            String[] one = (isDigest(source) ? source : digestSql(source)).split(":", -1);
            String[] other = (isDigest(target) ? target : digestSql(target)).split(":", -1);
            boolean arrays = one.length > 2 && other.length > 2;
            return (arrays || !sameMajor) && one.length > 1 && other.length > 1 && one[1].equals(other[1]);
        }
        boolean arrays = source.contains(ARRAY) && target.contains(ARRAY);
        return (arrays || !sameMajor) && PortableSql.of(source).equals(PortableSql.of(target));
    }

    private static String digest(String text) {
        byte[] digest = sha256(text.getBytes(StandardCharsets.UTF_8));
        return "#" + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, DIGEST_BYTES));
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
