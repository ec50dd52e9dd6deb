package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Libraries that the source loads into every session and the target does not: extensions may need them from the start. */
final class PreloadedLibraryCheck implements ServerCheck {
    private static final List<String> SETTINGS =
            List.of("shared_preload_libraries", "session_preload_libraries", "local_preload_libraries");

    @Override
    public String name() {
        return "preloaded-libraries";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        Set<String> missing;
        try {
            missing = libraries(situation.source().connection());
            missing.removeAll(libraries(situation.target().connection()));
        } catch (SQLException failure) {
            if (SqlState.isPrivilege(failure)) {
                // Who may see these settings on both sides belongs to pg_read_all_settings.
                return List.of();
            }
            throw failure;
        }
        return missing.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                                name(),
                                "libraries that the source preloads and the target does not",
                                "Install them there and add them to the target's shared_preload_libraries, which takes a"
                                        + " restart; leave out what nothing on the target needs.")
                        .on(Side.TARGET)
                        .at(missing.stream().map(Place::of).toList()));
    }

    private static Set<String> libraries(Connection connection) throws SQLException {
        Set<String> libraries = new LinkedHashSet<>();
        for (String setting : SETTINGS) {
            List<String> names = new ArrayList<>(List.of(Rows.text(connection, "SELECT current_setting(?)", setting)
                    .orElse("")
                    .split(",")));
            for (String name : names) {
                // A path or a suffix is the file's, not the library's.
                String library = name.strip()
                        .replaceFirst("^\"(.*)\"$", "$1")
                        .replaceFirst(".*/", "")
                        .replaceFirst("\\.so$", "");
                if (!library.isEmpty()) {
                    libraries.add(library);
                }
            }
        }
        return libraries;
    }
}
