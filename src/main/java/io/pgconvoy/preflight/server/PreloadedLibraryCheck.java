package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Libraries that the source loads into every session and the target does not: extensions may need them from the start. */
public final class PreloadedLibraryCheck extends ServerCheck {
    private static final List<String> SETTINGS =
            List.of("shared_preload_libraries", "session_preload_libraries", "local_preload_libraries");

    public PreloadedLibraryCheck() {
        super("preloaded-libraries", "warning", "libraries that the source preloads and the target does not");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Set<String> missing;
        try {
            missing = libraries(context.onSource());
            missing.removeAll(libraries(context.onTarget()));
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                // Who may see these settings on both sides belongs to pg_read_all_settings.
                return List.of();
            }
            throw failure;
        }
        return onTarget(warning(
                        "libraries that the source preloads and the target does not",
                        "Install them there and add them to the target's shared_preload_libraries, which takes a"
                                + " restart; leave out what nothing on the target needs.")
                .at(missing.stream().map(Place::of).toList()));
    }

    private static Set<String> libraries(Session session) {
        Set<String> libraries = new LinkedHashSet<>();
        session.texts(
                        "SELECT current_setting(s.name) FROM unnest(?) WITH ORDINALITY AS s (name, position) ORDER BY position",
                        SETTINGS)
                .forEach(setting -> libraries.addAll(names(setting)));
        return libraries;
    }

    /** The libraries that a setting names: a path or a suffix is the file's. */
    public static Set<String> names(String setting) {
        return Arrays.stream(setting.split(","))
                .map(name -> name.strip()
                        .replaceAll("^\"|\"$", "")
                        .replaceFirst(".*/", "")
                        .replaceFirst("\\.(so|dll|dylib)$", ""))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
