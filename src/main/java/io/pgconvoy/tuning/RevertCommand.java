package io.pgconvoy.tuning;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.EndpointUri;
import java.nio.file.Path;
import java.util.ArrayList;
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
        return "pgconvoy revert-tuning " + words(connection(target))
                + stateDir.map(folder -> " " + words(List.of("--state-dir", folder.toString())))
                        .orElse("");
    }

    private static List<String> connection(Endpoint target) {
        if (!target.parameters().isEmpty()) {
            return List.of("--to", EndpointUri.of(target));
        }
        List<String> options = new ArrayList<>(List.of(
                "--to-host", target.host(), "--to-port", String.valueOf(target.port()), "--to-user", target.user()));
        if (!target.database().equals(new DatabaseName("postgres"))) {
            options.addAll(List.of("--to-db", target.database().value()));
        }
        return options;
    }

    private static String words(List<String> words) {
        return words.stream()
                .map(word -> PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }
}
