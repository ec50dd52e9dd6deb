package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ExtensionCatalog.Installed;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Libraries that the server has to load at its start: those that extensions in use need ({@link KnownExtensions}), and those
 * that the source loads. Where the setting may not be read (that takes pg_read_all_settings), the target is taken to have
 * what it needs, as on a managed service, and the source to have none.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SHARED-PRELOAD-LIBRARIES">
 *     shared_preload_libraries</a>
 */
final class PreloadedLibraryCheck implements DatabaseCheck {
    private final Extensions extensions;
    private final Set<String> told = new TreeSet<>();

    PreloadedLibraryCheck(Extensions extensions) {
        this.extensions = extensions;
    }

    @Override
    public String name() {
        return "preloaded-libraries";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Installed extension : extensions.in(database)) {
            Optional<String> library = KnownExtensions.library(extension.name());
            if (library.isEmpty() || !extensions.onTarget(situation).containsKey(extension.name())) {
                continue;
            }
            Optional<Set<String>> onTarget = preloaded(situation.target().connection());
            if (onTarget.isEmpty() || onTarget.get().contains(library.get())) {
                continue;
            }
            boolean refused = KnownExtensions.refusesWithoutLibrary(extension.name());
            boolean usedOnSource = preloaded(situation.source().connection())
                    .map(libraries -> libraries.contains(library.get()))
                    .orElse(true);
            if (!refused && !usedOnSource) {
                continue;
            }
            told.add(library.get());
            findings.add(Finding.warning(
                            this,
                            "extension " + extension.name()
                                    + (refused ? " cannot be created" : " does not work")
                                    + " until the target preloads its library " + library.get(),
                            "Add " + library.get() + " to shared_preload_libraries on the target, and restart it.")
                    .as(refused ? RestoreErrors.severity(situation) : Finding.Severity.WARNING)
                    .at(List.of(Place.of(database.name()))));
        }
        return findings;
    }

    @Override
    public List<Finding> conclude(Situation situation) throws SQLException {
        Optional<Set<String>> onTarget = preloaded(situation.target().connection());
        Set<String> others =
                new TreeSet<>(preloaded(situation.source().connection()).orElse(Set.of()));
        others.removeAll(onTarget.orElse(others));
        others.removeAll(told);
        return others.isEmpty()
                ? List.of()
                : List.of(Finding.note(
                        this,
                        "the source preloads libraries that the target does not: " + String.join(", ", others),
                        "Add those that are wanted to shared_preload_libraries on the target, and restart it."));
    }

    /** Without folders and suffixes; empty where the user may not know. */
    private static Optional<Set<String>> preloaded(Connection connection) throws SQLException {
        return UserObjects.column(connection, "SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries'")
                .stream()
                .findFirst()
                .map(setting -> Arrays.stream(setting.split(","))
                        .map(library -> library.strip()
                                .replaceAll("^\"|\"$", "")
                                .replaceAll("^.*/", "")
                                .replaceAll("\\.(so|dll|dylib)$", ""))
                        .filter(library -> !library.isEmpty())
                        .collect(Collectors.toSet()));
    }
}
