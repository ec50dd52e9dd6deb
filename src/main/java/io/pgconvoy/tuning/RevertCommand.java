package io.pgconvoy.tuning;

import io.pgconvoy.config.Endpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The command that reverts a target's tuning, as it can be typed. */
public final class RevertCommand {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_.,:/@%+=-]+");

    private RevertCommand() {}

    /** @param stateDir where the journals are; empty where the target itself tells of its tuning */
    public static String of(Endpoint target, Optional<Path> stateDir) {
        List<String> connection = List.of(
                "--to-host", target.host(), "--to-port", String.valueOf(target.port()), "--to-user", target.user());
        return "pgconvoy revert-tuning " + words(connection)
                + stateDir.map(folder -> " " + words(List.of("--state-dir", folder.toString())))
                        .orElse("");
    }

    private static String words(List<String> words) {
        return words.stream()
                .map(word -> PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }
}
