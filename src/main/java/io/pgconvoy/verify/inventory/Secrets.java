package io.pgconvoy.verify.inventory;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Options that may hold passwords: compared, neither kept nor printed. Of a value that looks secret 16 bits of a digest
 * remain, which tell a changed password but do not help to guess it.
 */
final class Secrets {
    private static final String SEPARATOR = "\u0001";
    private static final List<String> HARMLESS = List.of("host", "hostaddr", "port", "dbname", "user", "schema_name");

    private Secrets() {}

    /** Options without what is secret in them. */
    static String conceal(String options) {
        return Arrays.stream(options.split(SEPARATOR, -1)).map(Secrets::option).collect(Collectors.joining(", "));
    }

    private static String option(String option) {
        int equals = option.indexOf('=');
        String name = option.substring(0, Math.max(equals, 0));
        if (HARMLESS.contains(name.toLowerCase(Locale.ROOT))) {
            return option;
        }
        byte[] digest = DefinitionText.sha256(option.getBytes(StandardCharsets.UTF_8));
        return name + " (#" + String.format("%02x%02x", digest[0], digest[1]) + ")";
    }
}
