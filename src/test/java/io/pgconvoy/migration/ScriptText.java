package io.pgconvoy.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What pg_dump and pg_dumpall print, less each {@link VersionDifference}. */
final class ScriptText {
    private static final Pattern VIEW = Pattern.compile("CREATE (MATERIALIZED )?VIEW ");

    private ScriptText() {}

    /** A script line by line, without empty ones. */
    static List<String> lines(String script) {
        List<String> lines = new ArrayList<>();
        boolean inView = false;
        for (String original : script.lines().filter(line -> !line.isBlank()).toList()) {
            inView |= VIEW.matcher(original).lookingAt();
            Optional<String> line = Optional.of(original);
            for (VersionDifference difference : VersionDifference.values()) {
                boolean view = inView;
                line = line.flatMap(text -> difference.apply(text, view));
            }
            line.ifPresent(lines::add);
            inView = inView && !original.endsWith(";");
        }
        return lines;
    }
}
