package io.pgconvoy.postgres;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * libpq's password file, read by its rules, once for the driver and the tools alike: each of them would look for it in
 * another place.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-pgpass.html">The Password File</a>
 */
public final class PasswordFile {
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private PasswordFile() {}

    /**
     * The password of the first line that fits.
     *
     * @param warnings takes why the file is not used though it is there
     */
    public static Optional<Secret> find(Path file, Endpoint endpoint, Consumer<String> warnings) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (!Files.isRegularFile(file)) {
                warnings.accept("password file " + file + " is not used, as it is no plain file");
                return Optional.empty();
            }
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains)) {
                warnings.accept("password file " + file
                        + " is not used, as others than its owner have rights on it; chmod 600 it");
                return Optional.empty();
            }
            // Bytes that are no UTF-8 may be in lines of others.
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> password(line, endpoint).stream())
                    .findFirst()
                    .map(Secret::new);
        } catch (IOException failure) {
            warnings.accept("password file " + file + " cannot be read: " + FileTrouble.reason(failure));
            return Optional.empty();
        }
    }

    /** What follows the four fields, where each of them fits. */
    private static Optional<String> password(String line, Endpoint endpoint) {
        int at = 0;
        for (String value : new String[] {
            endpoint.host(),
            String.valueOf(endpoint.port()),
            endpoint.database().value(),
            endpoint.user()
        }) {
            at = behindField(line, at, value);
            if (at < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(unescaped(line.substring(at))).filter(password -> !password.isEmpty());
    }

    /** Where the next field begins, or -1 where this one means something else. */
    private static int behindField(String line, int start, String value) {
        if (line.startsWith("*:", start)) {
            return start + 2;
        }
        int end = start;
        while (end < line.length() && line.charAt(end) != ':') {
            end += line.charAt(end) == '\\' ? 2 : 1;
        }
        return end < line.length() && unescaped(line.substring(start, end)).equals(value) ? end + 1 : -1;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 1 < text.length()) {
                i++;
            }
            plain.append(text.charAt(i));
        }
        return plain.toString();
    }
}
