package io.pgconvoy.globals;

import io.pgconvoy.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What pg_authid.rolpassword may hold.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-authid.html">pg_authid</a>
 */
public final class PasswordText {
    private static final Pattern MD5 = Pattern.compile("md5[0-9a-f]{32}");
    private static final Pattern SCRAM =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,7}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    private PasswordText() {}

    /** Whether it is an md5 hash. */
    public static boolean isMd5(Secret stored) {
        return MD5.matcher(stored.reveal()).matches();
    }

    /** Whether it is the password itself, which servers before 10 could keep. */
    public static boolean isPlain(Secret stored) {
        return !isMd5(stored) && !SCRAM.matcher(stored.reveal()).matches();
    }

    /**
     * Whether a role has the same password on both servers. Before version 10 a server kept some passwords as they were
     * (CREATE ROLE ... UNENCRYPTED PASSWORD); a newer one hashes such a password when it gets it.
     */
    public static boolean same(String role, Secret source, Secret target) {
        if (source.equals(target)) {
            return true;
        }
        if (!isPlain(source)) {
            return false;
        }
        try {
            return isHashOf(role, source.reveal(), target.reveal());
        } catch (GeneralSecurityException | IllegalArgumentException unusable) {
            return false;
        }
    }

    private static boolean isHashOf(String role, String password, String stored) throws GeneralSecurityException {
        Matcher scram = SCRAM.matcher(stored);
        if (!scram.matches()) {
            byte[] digest = MessageDigest.getInstance("MD5").digest(utf8(password + role));
            return stored.equals("md5" + HexFormat.of().formatHex(digest));
        }
        // RFC 5802, section 3: StoredKey = H(HMAC(SaltedPassword, "Client Key")).
        PBEKeySpec key = new PBEKeySpec(
                Normalizer.normalize(password, Normalizer.Form.NFKC).toCharArray(),
                Base64.getDecoder().decode(scram.group(2)),
                Integer.parseInt(scram.group(1)),
                256);
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(key)
                .getEncoded();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(salted, "HmacSHA256"));
        byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(mac.doFinal(utf8("Client Key")));
        return MessageDigest.isEqual(storedKey, Base64.getDecoder().decode(scram.group(3)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
